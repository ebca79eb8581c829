'use strict';
// What a person does: zoom, move, filter, step, select. Holds what is selected and shown, and has everything redrawn.

class Picture {
  constructor(run) {
    this.run = run;
    this.layout = new Layout(run);
    this.scroll = document.getElementById('scroll');
    this.canvas = document.getElementById('lanes');
    this.painter = new LanePainter(this.canvas, run, this.layout);
    this.overview = new Overview(document.getElementById('overview'), run, this.layout, (time) => {
      this.layout.show(time - this.layout.span / 2, time + this.layout.span / 2);
      this.redraw();
    });
    this.list = new EventList(run, (event) => this.select(event));
    this.selected = null;
    this.kinds = new Set(Object.keys(Category));
    this.text = '';
    this.markLost();
    this.bindTools();
    this.bindCanvas();
    document.addEventListener('keydown', (key) => this.onKey(key));
    new ResizeObserver(() => this.redraw()).observe(this.scroll);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (change) => this.setTheme(change.matches));
    this.setTheme(matchMedia('(prefers-color-scheme: dark)').matches);
    this.filter();
    fillDetails(run, null, null);
    if (run.head.failed) this.showViolation();
  }

  // A write that nobody has read, though there was time.
  markLost() {
    for (const event of this.run.events)
      event.lost = event.kind === 'write' && event.size > 0 && event.to.length === 0 && event.time < this.run.head.end_ns - 1e9;
  }

  visible(event) {
    return this.kinds.has(event.category) && !this.layout.hidden.has(event.host) &&
      (this.text === '' || event.haystack.includes(this.text));
  }

  // ---- What is shown ----

  filter() {
    this.shown = this.run.events.filter((event) => this.visible(event)).map((event) => event.index);
    document.getElementById('count').textContent = `${this.shown.length} of ${this.run.events.length} events`;
    this.redraw();
  }

  redraw() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.pending = false;
    this.layout.width = Math.max(this.scroll.clientWidth, LABEL_WIDTH + 100);
    const height = this.scroll.clientHeight;
    if (this.layout.viewHeight !== height) {
      this.layout.viewHeight = height;
      this.layout.arrange();
    }
    document.getElementById('spacer').style.height = `${Math.max(this.layout.height, height)}px`;
    this.drawn = this.painter.draw({
      scrollTop: this.scroll.scrollTop, height, selected: this.selected, visible: (event) => this.visible(event),
    });
    this.overview.draw((event) => this.visible(event));
    this.list.show(this.shown, this.selected);
    this.canvas.setAttribute('aria-label', `${this.drawn.hosts.length} lanes from ${formatTime(Math.max(this.layout.begin, 0))} s on, ` +
      `${formatSpan(this.layout.span)}: ${this.drawn.events} events, ${this.drawn.messages} messages` +
      (this.drawn.violation ? `; violated: ${this.run.head.oracle}` : ''));
    this.drawings = (this.drawings || 0) + 1;
  }

  setTheme(dark) {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    this.redraw();
  }

  showWhole() {
    this.layout.show(this.run.first, this.run.last);
    this.redraw();
  }

  // What the oracle names, with what led to it: some dozens of messages.
  showViolation() {
    const times = this.run.evidence.map(({time}) => time).filter((time) => time !== null);
    const at = times.length > 0 ? Math.min(...times) : this.run.head.end_ns;
    const last = times.length > 0 ? Math.max(...times) : at;
    const before = this.run.events.filter((event) => event.category === 'message' && event.time <= at);
    const led = before.slice(-70);
    let span = led.length > 0 ? at - led[0].time : at - this.run.first;
    // Where most of them come in a burst at the end, that alone.
    while (span > 1e6 && led.filter((event) => event.time >= at - span / 4).length > led.length * 0.6) span /= 4;
    span = Math.max(span, 1e5);
    this.layout.show(at - span, last + span * 0.3);
    this.select(this.culprit());
  }

  // The event at the place and time that the oracle names first; null if it names none.
  culprit() {
    const named = this.run.evidence.find(({time}) => time !== null) || this.run.evidence[0];
    if (named === undefined) return null;
    const time = named.time === null ? this.run.head.end_ns : named.time;
    const {events} = this.run;
    const until = this.run.hosts[named.host].events.filter((index) => events[index].time <= time);
    const written = until.filter((index) => events[index].time === time && events[index].kind === 'write');
    const index = written.length > 0 ? written[written.length - 1] : until[until.length - 1];
    return index === undefined ? null : events[index];
  }

  toggleLane(host) {
    const {hidden} = this.layout;
    const alone = this.run.hosts.every((other) => hidden.has(other.id) !== (other === host));
    hidden.clear();
    if (!alone) for (const other of this.run.hosts) if (other !== host) hidden.add(other.id);
    this.layout.arrange();
    this.filter();
  }

  hideLane(host) {
    this.layout.hidden.add(host.id);
    this.layout.arrange();
    this.filter();
  }

  // ---- The selected event ----

  select(event) {
    this.selected = event;
    if (event !== null && (event.time < this.layout.begin || event.time > this.layout.end)) {
      this.layout.show(event.time - this.layout.span / 2, event.time + this.layout.span / 2);
    }
    const lane = event === null ? undefined : this.layout.laneOf.get(event.host);
    if (lane !== undefined && (lane.y < this.scroll.scrollTop + AXIS_HEIGHT || lane.y + lane.height > this.scroll.scrollTop + this.scroll.clientHeight))
      this.scroll.scrollTop = Math.max(0, lane.y - this.scroll.clientHeight / 2);
    fillDetails(this.run, event, (other) => this.select(other));
    this.redraw();
  }

  // To the next event (or the one before) of those shown for which `wanted` holds.
  step(direction, wanted) {
    const {shown, run} = this;
    let place;
    if (this.selected === null) {
      const first = shown.findIndex((index) => run.events[index].time >= this.layout.begin);
      place = direction > 0 ? (first < 0 ? shown.length : first) : (first < 0 ? shown.length : first) - 1;
    } else {
      const here = this.selected.index;
      place = lowerBound(shown, here);
      if (direction < 0) place -= 1;
      else if (shown[place] === here) place += 1;
    }
    while (place >= 0 && place < shown.length && !wanted(run.events[shown[place]])) place += direction;
    if (place >= 0 && place < shown.length) this.select(run.events[shown[place]]);
  }

  // ---- Tools, keys, pointer ----

  bindTools() {
    const on = (id, action) => document.getElementById(id).addEventListener('click', action);
    on('zoom-in', () => this.zoom(0.5));
    on('zoom-out', () => this.zoom(2));
    on('whole', () => this.showWhole());
    on('to-violation', () => this.showViolation());
    document.getElementById('to-violation').disabled = !this.run.head.failed;
    on('next', () => this.step(1, () => true));
    on('previous', () => this.step(-1, () => true));
    on('all-hosts', () => {
      this.layout.hidden.clear();
      this.layout.arrange();
      this.filter();
    });
    on('theme', () => this.setTheme(document.documentElement.dataset.theme !== 'dark'));
    on('help-button', () => this.toggleHelp());
    for (const [kind, name] of Object.entries(Category)) {
      const button = element('button', {'aria-pressed': 'true', 'data-kind': kind, onclick: () => {
        if (!this.kinds.delete(kind)) this.kinds.add(kind);
        button.setAttribute('aria-pressed', String(this.kinds.has(kind)));
        this.filter();
      }}, name);
      document.getElementById('kinds').append(button);
    }
    document.getElementById('text-filter').addEventListener('input', (input) => {
      this.text = input.target.value.toLowerCase();
      this.filter();
    });
    this.scroll.addEventListener('scroll', () => this.redraw());
  }

  toggleHelp() {
    const help = document.getElementById('help');
    help.hidden = !help.hidden;
    document.getElementById('help-button').setAttribute('aria-expanded', String(!help.hidden));
  }

  // Around the selected event, if it is in sight.
  zoom(factor) {
    const at = this.selected !== null && this.selected.time >= this.layout.begin && this.selected.time <= this.layout.end
      ? this.selected.time : undefined;
    this.layout.zoom(factor, at);
    this.redraw();
  }

  onKey(key) {
    if (key.ctrlKey || key.metaKey || key.altKey) return;
    if (key.target.tagName === 'INPUT') {
      if (key.key === 'Escape' || key.key === 'Enter') key.target.blur();
      return;
    }
    const selected = this.selected;
    const same = (field) => (event) => selected === null || event[field] === selected[field];
    const actions = {
      ArrowRight: () => this.step(1, key.shiftKey ? same('connection') : () => true),
      ArrowLeft: () => this.step(-1, key.shiftKey ? same('connection') : () => true),
      ArrowDown: () => this.step(1, same('host')),
      ArrowUp: () => this.step(-1, same('host')),
      '+': () => this.zoom(0.5), '=': () => this.zoom(0.5), '-': () => this.zoom(2),
      0: () => this.showWhole(),
      v: () => this.run.head.failed && this.showViolation(),
      '/': () => document.getElementById('text-filter').focus(),
      '?': () => this.toggleHelp(),
      Escape: () => this.select(null),
    };
    if (key.key === 'Enter' && key.target.tagName !== 'BUTTON' && selected !== null) {
      const other = selected.to.concat(selected.from)[0];
      if (other !== undefined) this.select(this.run.events[other]);
      return;
    }
    const action = actions[key.key];
    if (action === undefined) return;
    key.preventDefault();
    action();
  }

  bindCanvas() {
    const {canvas} = this;
    let drag = null;
    canvas.addEventListener('wheel', (wheel) => {
      wheel.preventDefault();
      const amount = wheel.deltaY || wheel.deltaX;
      if (wheel.shiftKey || Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) {
        const moved = amount / this.layout.width * this.layout.span;
        this.layout.show(this.layout.begin + moved, this.layout.end + moved);
      } else {
        this.layout.zoom(Math.exp(amount * 0.0016), this.layout.time(Math.max(wheel.offsetX, LABEL_WIDTH)));
      }
      this.redraw();
    }, {passive: false});
    canvas.addEventListener('pointerdown', (down) => {
      canvas.setPointerCapture(down.pointerId);
      drag = {x: down.offsetX, y: down.offsetY, begin: this.layout.begin, end: this.layout.end, top: this.scroll.scrollTop, moved: false};
    });
    canvas.addEventListener('pointermove', (move) => {
      if (drag === null) {
        this.showTip(move);
        return;
      }
      const dx = move.offsetX - drag.x;
      const dy = move.offsetY - drag.y;
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      drag.moved = true;
      canvas.classList.add('dragging');
      this.hideTip();
      const shift = dx / (this.layout.width - LABEL_WIDTH) * (drag.end - drag.begin);
      this.layout.show(drag.begin - shift, drag.end - shift);
      this.scroll.scrollTop = drag.top - dy;
      this.redraw();
    });
    canvas.addEventListener('pointerup', (up) => {
      canvas.classList.remove('dragging');
      const moved = drag !== null && drag.moved;
      drag = null;
      if (!moved) this.onClick(up);
    });
    canvas.addEventListener('pointerleave', () => this.hideTip());
  }

  onClick(click) {
    const y = click.offsetY + this.scroll.scrollTop;
    if (click.offsetX < LABEL_WIDTH) {
      const lane = this.layout.lanes.find((candidate) => y >= candidate.y && y < candidate.y + candidate.height);
      if (lane === undefined || click.offsetY < AXIS_HEIGHT) return;
      if (click.shiftKey) this.hideLane(lane.host);
      else this.toggleLane(lane.host);
      return;
    }
    const event = this.eventAt(click.offsetX, y);
    if (event !== null) this.select(event);
  }

  eventAt(x, y) {
    let nearest = null;
    let least = 12;
    for (const place of this.painter.places) {
      const distance = Math.hypot(place.x - x, (place.y - y) * 0.6);
      if (distance >= least) continue;
      least = distance;
      nearest = place.event;
    }
    return nearest;
  }

  showTip(move) {
    const y = move.offsetY + this.scroll.scrollTop;
    const event = move.offsetX < LABEL_WIDTH ? null : this.eventAt(move.offsetX, y);
    const tip = document.getElementById('tip');
    if (event === null) {
      this.hideTip();
      return;
    }
    tip.replaceChildren(element('b', {}, `${this.run.hosts[event.host].name} ${KIND_WORDS[event.kind] || event.kind} at ${(event.time / 1e6).toFixed(3)} ms`),
      element('code', {}, event.text));
    tip.hidden = false;
    tip.style.left = `${Math.min(move.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(move.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
  }

  hideTip() { document.getElementById('tip').hidden = true; }
}

// The first place whose number is not smaller.
function lowerBound(numbers, number) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

const run = readRun(JSON.parse(document.getElementById('run').textContent));
fillHead(run);
fillLegend(run);
// By this name the console, and the test in a browser, look at what is shown.
window.picture = new Picture(run);
