'use strict';
// Draws the lanes on a canvas: what is in the window of time, at the places that Layout gives.

const LABEL_WIDTH = 132;
const AXIS_HEIGHT = 42;
const OWNER_COLORS = ['#4878cf', '#ee8c2e', '#3f9e57', '#a05fb5', '#2fa7a0', '#d9b01f', '#a0674b', '#e377a8', '#6d8a3a', '#7f8fb0'];

function ownerColor(number) {
  if (number < 0) return '#888888';
  if (number < OWNER_COLORS.length) return OWNER_COLORS[number];
  return `hsl(${Math.round(number * 137.5) % 360} 48% 52%)`;
}

// Where lanes are, and which time is where.
class Layout {
  constructor(run) {
    this.run = run;
    this.begin = run.first;
    this.end = run.last;
    this.width = 800;
    this.viewHeight = 0;
    this.hidden = new Set();
    this.arrange();
  }

  // Lanes one below the other. Where there is room, strips of slots become higher, then everything wider apart.
  arrange() {
    const shown = this.run.hosts.filter((host) => !this.hidden.has(host.id));
    const strips = this.run.hasSlots ? shown.filter((host) => host.isNode).length : 0;
    const bands = this.run.hasRoles ? shown.filter((host) => host.isNode).length : 0;
    const least = AXIS_HEIGHT + 14 + shown.length * 46 + strips * 42 + bands * (strips > 0 ? 21 : 26);
    let room = Math.max(this.viewHeight - least, 0);
    const higher = strips > 0 ? Math.min(Math.floor(room / strips), 46) : 0;
    room -= higher * strips;
    const apart = shown.length > 0 ? Math.min(Math.floor(room / shown.length), 22) : 0;
    this.lanes = [];
    let y = AXIS_HEIGHT + 6;
    for (const host of shown) {
      const strip = host.isNode && strips > 0 ? 34 + higher : 0;
      const band = host.isNode && bands > 0 ? 18 : 0;
      const base = y + 20 + apart / 2;
      const below = base + 20 + (strip + band > 0 ? 0 : apart / 2);
      const stripY = below + (band > 0 ? band + 3 : 0);
      const height = (strip > 0 ? stripY + strip + 8 : band > 0 ? below + band + 8 : base + 22 + apart / 2) - y;
      this.lanes.push({host, y, height, base, bandY: below, bandHeight: band, stripY, stripHeight: strip});
      y += height + 4;
    }
    this.height = y + 8;
    this.laneOf = new Map(this.lanes.map((lane) => [lane.host.id, lane]));
  }

  get span() { return this.end - this.begin; }
  x(time) { return LABEL_WIDTH + (time - this.begin) / this.span * (this.width - LABEL_WIDTH); }
  time(x) { return this.begin + (x - LABEL_WIDTH) / (this.width - LABEL_WIDTH) * this.span; }

  show(begin, end) {
    const whole = this.run.last - this.run.first;
    const margin = whole * 0.02;
    const span = Math.min(Math.max(end - begin, 1000), whole + 2 * margin);
    const lowest = this.run.first - margin;
    const highest = this.run.last + margin - span;
    this.begin = Math.min(Math.max(begin, lowest), Math.max(highest, lowest));
    this.end = this.begin + span;
  }

  zoom(factor, around) {
    const at = around === undefined ? (this.begin + this.end) / 2 : around;
    this.show(at - (at - this.begin) * factor, at + (this.end - at) * factor);
  }
}

class LanePainter {
  constructor(canvas, run, layout) {
    this.canvas = canvas;
    this.run = run;
    this.layout = layout;
    this.context = canvas.getContext('2d');
    this.places = [];  // of drawn events, for the pointer
    this.drawn = {};
  }

  color(name) { return this.style.getPropertyValue(`--${name}`).trim(); }

  // `view`: scrollTop, height, visible(event), selected (an event or null).
  draw(view) {
    const {canvas, layout, context} = this;
    const ratio = window.devicePixelRatio || 1;
    this.style = getComputedStyle(document.documentElement);
    this.view = view;
    canvas.width = Math.round(layout.width * ratio);
    canvas.height = Math.round(view.height * ratio);
    canvas.style.width = `${layout.width}px`;
    canvas.style.height = `${view.height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, layout.width, view.height);
    this.places = [];
    this.drawn = {hosts: [], events: 0, messages: 0, bands: 0, faults: 0, violation: false, evidence: 0};
    context.save();
    context.translate(0, -view.scrollTop);
    this.drawLanes();
    context.save();
    context.beginPath();
    context.rect(LABEL_WIDTH, 0, layout.width - LABEL_WIDTH, layout.height + view.height);
    context.clip();
    this.drawHealing();
    this.drawMessages();
    this.drawEvents();
    this.drawEvidence();
    this.drawSelection();
    context.restore();
    this.drawLabels();
    context.restore();
    this.drawAxis();
    return this.drawn;
  }

  onScreen(lane) {
    return lane.y + lane.height >= this.view.scrollTop && lane.y <= this.view.scrollTop + this.view.height;
  }

  drawLanes() {
    const {context, layout} = this;
    for (const lane of layout.lanes) {
      this.drawn.hosts.push(lane.host.name);
      if (!this.onScreen(lane)) continue;
      context.fillStyle = this.color('lane');
      context.fillRect(0, lane.y, layout.width, lane.height);
      context.save();
      context.beginPath();
      context.rect(LABEL_WIDTH, lane.y, layout.width - LABEL_WIDTH, lane.height);
      context.clip();
      if (lane.stripHeight > 0) this.drawSlots(lane);
      if (lane.bandHeight > 0) this.drawRoles(lane);
      this.drawFaultBands(lane);
      this.drawLives(lane);
      context.restore();
    }
  }

  // Time from left to right, slots from top to bottom, in the colour of whom this node takes for the owner: what it
  // owns itself stands out.
  drawSlots(lane) {
    const {context, layout} = this;
    const {stripY: y, stripHeight: height} = lane;
    let drawnTo = -Infinity;
    for (const state of lane.host.states) {
      if (state.end < layout.begin || state.begin > layout.end) continue;
      const x0 = Math.max(layout.x(state.begin), LABEL_WIDTH);
      const x1 = Math.min(layout.x(state.end), layout.width);
      if (x1 - Math.max(x0, drawnTo) < 0.6) continue;
      drawnTo = x1;
      if (state.ranges === null) {
        if (state.text !== '') this.hatch(x0, y, x1 - x0, height, this.color('soft'));
        continue;
      }
      ++this.drawn.bands;
      for (const range of state.ranges) {
        const own = range.owner === lane.host.nodeId;
        context.globalAlpha = own ? 0.95 : 0.2;
        context.fillStyle = ownerColor(this.ownerNumber(range.owner));
        const top = y + range.first / 16384 * height;
        context.fillRect(x0, top, x1 - x0 + 0.3, Math.max((range.last + 1 - range.first) / 16384 * height, 0.75));
      }
      context.globalAlpha = 1;
      if (x1 - x0 > 3) {
        context.fillStyle = this.color('ink');
        context.globalAlpha = 0.25;
        context.fillRect(x0, y, 1, height);
        context.globalAlpha = 1;
      }
    }
  }

  ownerNumber(nodeId) {
    return this.run.hosts.filter((host) => host.isNode).findIndex((host) => host.nodeId === nodeId);
  }

  nodeNumber(host) {
    return this.run.hosts.filter((other) => other.isNode).indexOf(host);
  }

  drawRoles(lane) {
    const {context, layout} = this;
    for (const state of this.roleSpans(lane.host)) {
      if (state.end < layout.begin || state.begin > layout.end) continue;
      const x0 = Math.max(layout.x(state.begin), LABEL_WIDTH);
      const x1 = Math.min(layout.x(state.end), layout.width);
      const master = this.run.hosts.find((host) => host.address === state.of);
      const shown = state.role === 'master' || master === undefined ? lane.host : master;
      const color = state.role === 'taken-over' ? this.color('soft') : ownerColor(this.nodeNumber(shown));
      context.fillStyle = color;
      context.globalAlpha = state.role === 'master' ? 0.95 : 0.32;
      context.fillRect(x0, lane.bandY, Math.max(x1 - x0, 1), lane.bandHeight);
      context.globalAlpha = 1;
      if (state.role === 'loading') this.hatch(x0, lane.bandY, x1 - x0, lane.bandHeight, color);
      ++this.drawn.bands;
      const of = state.role !== 'master' && master !== undefined ? ` of ${master.name}` : '';
      const lineage = state.lineage ? `  \u00b7  lineage ${state.lineage}` : '';
      context.font = '11px system-ui, sans-serif';
      const text = [`${state.role}${of}${lineage}`, `${state.role}${of}`, state.role].find(
        (candidate) => context.measureText(candidate).width < x1 - x0 - 10);
      if (text === undefined) continue;
      context.fillStyle = state.role === 'master' ? '#ffffff' : this.color('ink');
      context.fillText(text, x0 + 5, lane.bandY + 13);
    }
  }

  // States that differ in more than slots.
  roleSpans(host) {
    if (host.roleSpans) return host.roleSpans;
    host.roleSpans = [];
    for (const state of host.states) {
      const last = host.roleSpans[host.roleSpans.length - 1];
      const same = last !== undefined && last.role === state.role && last.of === state.of && last.lineage === state.lineage;
      if (same) {
        last.end = state.end;
      } else if (state.role !== '') {
        host.roleSpans.push({...state});
      }
    }
    return host.roleSpans;
  }

  hatch(x, y, width, height, color) {
    if (width <= 0) return;
    const {context} = this;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.strokeStyle = color;
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.beginPath();
    // Fixed in the picture, not in the span, so that neighbours join.
    for (let left = Math.floor((x - height) / 7) * 7; left < x + width; left += 7) {
      context.moveTo(left, y + height);
      context.lineTo(left + height, y);
    }
    context.stroke();
    context.restore();
  }

  drawFaultBands(lane) {
    const {context, layout} = this;
    for (const fault of lane.host.faults) {
      if (fault.end < layout.begin || fault.begin > layout.end) continue;
      const x0 = layout.x(fault.begin);
      const x1 = Math.max(layout.x(fault.end), x0 + 2);
      context.fillStyle = this.color('fault');
      context.globalAlpha = 0.2;
      context.fillRect(x0, lane.y, x1 - x0, 38);
      context.globalAlpha = 0.9;
      context.fillRect(x0, lane.y, x1 - x0, 2.5);
      context.globalAlpha = 1;
      ++this.drawn.faults;
      const with_ = fault.other < 0 ? '' : ` \u2194 ${this.run.hosts[fault.host === lane.host.id ? fault.other : fault.host].name}`;
      const text = fault.name + with_;
      context.font = '10px system-ui, sans-serif';
      const left = Math.max(x0, LABEL_WIDTH);
      if (context.measureText(text).width < x1 - left - 8) context.fillText(text, left + 4, lane.y + 12);
    }
  }

  drawLives(lane) {
    const {context, layout} = this;
    let deadFrom = 0;
    for (const life of lane.host.lives) {
      if (life.begin > deadFrom) this.drawDeath(lane, deadFrom, life.begin);
      deadFrom = life.end;
      const x0 = layout.x(life.begin);
      const x1 = layout.x(life.end);
      context.strokeStyle = this.color('soft');
      context.lineWidth = lane.host.isNode ? 2 : 1.2;
      context.beginPath();
      context.moveTo(Math.max(x0, LABEL_WIDTH - 5), lane.base);
      context.lineTo(Math.min(x1, layout.width + 5), lane.base);
      context.stroke();
    }
    if (deadFrom < this.run.head.end_ns) this.drawDeath(lane, deadFrom, this.run.head.end_ns);
  }

  drawDeath(lane, begin, end) {
    const {context, layout} = this;
    const x0 = Math.max(layout.x(begin), LABEL_WIDTH);
    const x1 = Math.min(layout.x(end), layout.width);
    if (x1 <= x0) return;
    context.fillStyle = this.color('ground');
    context.fillRect(x0, lane.y, x1 - x0, lane.height);
    this.hatch(x0, lane.y, x1 - x0, lane.height, this.color('soft'));
    context.font = '11px system-ui, sans-serif';
    if (x1 - x0 < 60) return;
    context.fillStyle = this.color('ink');
    context.fillText('no process', x0 + 8, lane.base - 6);
  }

  drawHealing() {
    if (this.run.healed === null) return;
    this.verticalLine(this.run.healed, this.color('good'), [2, 4], 1.5);
  }

  verticalLine(time, color, dash, width) {
    const {context, layout} = this;
    const x = layout.x(time);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, layout.height);
    context.stroke();
    context.setLineDash([]);
  }

  drawMessages() {
    const {layout, run} = this;
    const lines = [];
    for (const write of run.events) {
      if (write.kind !== 'write' || write.time > layout.end) continue;
      const from = layout.laneOf.get(write.host);
      if (write.to.length === 0) {
        if (write.lost && from !== undefined && write.time >= layout.begin && this.view.visible(write)) this.drawLost(write, from);
        continue;
      }
      for (const index of write.to) {
        const read = run.events[index];
        const to = layout.laneOf.get(read.host);
        if (read.time < layout.begin || from === undefined || to === undefined || from === to) continue;
        if (this.view.visible(write) || this.view.visible(read)) lines.push({write, read, from, to});
      }
    }
    const crowded = lines.length > 900 ? 0.22 : lines.length > 350 ? 0.4 : lines.length > 120 ? 0.62 : 0.85;
    for (const line of lines) this.drawMessage(line, crowded, lines.length);
    this.drawn.messages = lines.length;
  }

  drawMessage({write, read, from, to}, alpha, count) {
    const {context, layout, view} = this;
    const chosen = view.selected !== null && (view.selected === write || view.selected === read);
    const x0 = layout.x(write.time);
    const x1 = layout.x(read.time);
    const kind = messageClass(this.run, write);
    const color = this.color(kind);
    context.strokeStyle = context.fillStyle = color;
    context.globalAlpha = chosen ? 1 : view.selected !== null ? alpha * 0.6 : alpha;
    context.lineWidth = chosen ? 2.6 : kind === 'refusal' ? 1.5 : 1.1;
    context.beginPath();
    context.moveTo(x0, from.base);
    context.lineTo(x1, to.base);
    context.stroke();
    const angle = Math.atan2(to.base - from.base, x1 - x0);
    if (count < 350 || chosen) {
      const size = chosen ? 9 : 6;
      context.beginPath();
      context.moveTo(x1, to.base);
      context.lineTo(x1 - size * Math.cos(angle - 0.38), to.base - size * Math.sin(angle - 0.38));
      context.lineTo(x1 - size * Math.cos(angle + 0.38), to.base - size * Math.sin(angle + 0.38));
      context.fill();
    }
    if (chosen || count < 28) this.writeAlong(write, x0, from.base, x1, to.base, angle);
    context.globalAlpha = 1;
  }

  writeAlong(write, x0, y0, x1, y1, angle) {
    const {context} = this;
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (length < 60 || write.text === '') return;
    context.save();
    context.translate((x0 + x1) / 2, (y0 + y1) / 2);
    context.rotate(Math.abs(angle) > Math.PI / 2 ? angle + Math.PI : angle);
    context.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
    const chars = Math.max(Math.floor((length - 24) / 6.7), 4);
    const text = write.text.length > chars ? write.text.slice(0, chars - 1) + '\u2026' : write.text;
    context.textAlign = 'center';
    context.lineWidth = 4;
    context.strokeStyle = this.color('lane');
    context.strokeText(text, 0, -4);
    context.fillText(text, 0, -4);
    context.restore();
  }

  // Nobody has read it.
  drawLost(write, from) {
    const {context, layout} = this;
    const x = layout.x(write.time);
    const direction = this.run.hosts[write.host].isNode ? 1 : -1;
    const y = from.base + direction * 15;
    context.strokeStyle = this.color('fault');
    context.lineWidth = 1.3;
    context.setLineDash([3, 2]);
    context.beginPath();
    context.moveTo(x, from.base);
    context.lineTo(x + 7, y);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x + 4, y - 3); context.lineTo(x + 10, y + 3);
    context.moveTo(x + 10, y - 3); context.lineTo(x + 4, y + 3);
    context.stroke();
  }

  drawEvents() {
    const {layout, run, view} = this;
    for (const lane of layout.lanes) {
      const onScreen = this.onScreen(lane);
      let lastX = -Infinity;
      let lastCategory = '';
      for (const index of lane.host.events) {
        const event = run.events[index];
        if (event.time < layout.begin || event.time > layout.end || !view.visible(event)) continue;
        ++this.drawn.events;
        if (!onScreen) continue;
        const x = layout.x(event.time);
        this.places.push({x, y: lane.base, event});
        if (x - lastX < 0.5 && lastCategory === event.category && event !== view.selected) continue;
        lastX = x;
        lastCategory = event.category;
        this.drawMark(event, x, lane);
      }
    }
  }

  drawMark(event, x, lane) {
    const {context} = this;
    const y = lane.base;
    const shape = (color, points) => {
      context.fillStyle = this.color(color);
      context.beginPath();
      points.forEach(([dx, dy], i) => (i === 0 ? context.moveTo(x + dx, y + dy) : context.lineTo(x + dx, y + dy)));
      context.fill();
    };
    switch (event.category) {
      case 'message':
        context.fillStyle = this.color('ink');
        context.fillRect(x - 0.75, y - 3, 1.5, 6);
        break;
      case 'connection':
        context.strokeStyle = this.color('soft');
        context.lineWidth = 1.2;
        context.beginPath();
        if (event.kind === 'closed') {
          context.moveTo(x - 3, y - 3); context.lineTo(x + 3, y + 3);
          context.moveTo(x + 3, y - 3); context.lineTo(x - 3, y + 3);
        } else {
          context.arc(x, y, 3, 0, 2 * Math.PI);
        }
        context.stroke();
        break;
      case 'fault':
        if (event.kind !== 'healed') shape('fault', [[-4, 15], [4, 15], [0, 7]]);
        break;
      case 'log':
        shape('accent', [[-2.5, -13], [2.5, -13], [2.5, -7], [-2.5, -7]]);
        break;
      case 'process':
        if (event.kind === 'start') {
          shape('good', [[-3, -6], [-3, 6], [6, 0]]);
        } else {
          shape('bad', [[-5, -5], [5, -5], [5, 5], [-5, 5]]);
        }
        break;
    }
  }

  // What the oracle found, and where its message says that it was.
  drawEvidence() {
    const {context, layout, run} = this;
    if (!run.head.failed) return;
    const inside = (time) => time >= layout.begin && time <= layout.end;
    if (inside(run.head.end_ns)) {
      this.verticalLine(run.head.end_ns, this.color('bad'), [], 2.5);
      this.drawn.violation = true;
    }
    for (const {host, time} of run.evidence) {
      const lane = layout.laneOf.get(host);
      if (lane === undefined) continue;
      const at = time === null ? run.head.end_ns : time;
      if (!inside(at)) continue;
      const x = layout.x(at);
      context.strokeStyle = this.color('bad');
      context.fillStyle = this.color('bad');
      if (time !== null) this.verticalLine(at, this.color('bad'), [5, 4], 1.2);
      context.globalAlpha = 0.16;
      context.beginPath();
      context.arc(x, lane.base, 13, 0, 2 * Math.PI);
      context.fill();
      context.globalAlpha = 1;
      context.lineWidth = 2.5;
      context.stroke();
      ++this.drawn.evidence;
    }
  }

  drawSelection() {
    const event = this.view.selected;
    if (event === null) return;
    const {context, layout} = this;
    const lane = layout.laneOf.get(event.host);
    this.verticalLine(event.time, this.color('accent'), [], 1);
    if (lane === undefined) return;
    context.strokeStyle = this.color('accent');
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(layout.x(event.time), lane.base, 8, 0, 2 * Math.PI);
    context.stroke();
  }

  drawLabels() {
    const {context, layout} = this;
    for (const lane of layout.lanes) {
      if (!this.onScreen(lane)) continue;
      context.fillStyle = this.color('lane');
      context.fillRect(0, lane.y, LABEL_WIDTH - 6, lane.height);
      context.fillStyle = lane.host.isNode ? ownerColor(this.nodeNumber(lane.host)) : this.color('line');
      context.fillRect(0, lane.y, 4, lane.height);
      context.fillStyle = this.color('ink');
      context.font = `${lane.host.isNode ? '600 ' : ''}13px system-ui, sans-serif`;
      context.fillText(lane.host.label, 14, lane.base + 4, LABEL_WIDTH - 24);
      context.fillStyle = this.color('soft');
      context.font = '11px system-ui, sans-serif';
      if (lane.height > 50) context.fillText(lane.host.address, 14, lane.base + 19);
      if (lane.stripHeight > 0) {
        context.textAlign = 'right';
        context.font = '9px system-ui, sans-serif';
        context.fillText('slot 0', LABEL_WIDTH - 10, lane.stripY + 8);
        context.fillText('16383', LABEL_WIDTH - 10, lane.stripY + lane.stripHeight);
        context.textAlign = 'left';
      }
    }
  }

  drawAxis() {
    const {context, layout, run} = this;
    context.fillStyle = this.color('panel');
    context.fillRect(0, 0, layout.width, AXIS_HEIGHT);
    context.fillStyle = this.color('line');
    context.fillRect(0, AXIS_HEIGHT - 1, layout.width, 1);
    const step = tickStep(layout.span * 110 / (layout.width - LABEL_WIDTH));
    context.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
    for (let time = Math.ceil(layout.begin / step) * step; time <= layout.end; time += step) {
      const x = layout.x(time);
      if (x < LABEL_WIDTH) continue;
      context.fillStyle = this.color('line');
      context.fillRect(x, AXIS_HEIGHT - 8, 1, 8);
      context.fillStyle = this.color('soft');
      context.fillText(tickLabel(time, step), x + 4, AXIS_HEIGHT - 8);
    }
    context.fillStyle = this.color('soft');
    context.fillText(`${formatSpan(layout.span)} shown`, 12, AXIS_HEIGHT - 8);
    if (run.healed !== null) this.flag(run.healed, 'healed', this.color('good'));
    if (!run.head.failed) return;
    for (const {time} of run.evidence) if (time !== null) this.flag(time, 'here', this.color('bad'));
    this.flag(run.head.end_ns, run.head.oracle, this.color('bad'));
  }

  flag(time, text, color) {
    const {context, layout} = this;
    const x = layout.x(time);
    if (x < LABEL_WIDTH || x > layout.width + 1) return;
    context.font = '600 11px system-ui, sans-serif';
    const width = context.measureText(text).width + 12;
    const left = Math.min(x, layout.width - width);
    context.fillStyle = color;
    context.fillRect(left, 3, width, 17);
    context.fillRect(x - 1, 2, 2, AXIS_HEIGHT - 2);
    context.fillStyle = this.color('panel');
    context.fillText(text, left + 6, 15.5);
  }
}

function tickStep(least) {
  let step = 1;
  for (const factor of [1, 2, 5]) {
    const power = Math.pow(10, Math.ceil(Math.log10(least / factor)));
    if (step === 1 || factor * power < step) step = factor * power;
  }
  return Math.max(step, 1);
}

function tickLabel(time, step) {
  if (step >= 1e9) return `${Math.round(time / 1e9)} s`;
  if (step >= 1e6) return `${+(time / 1e6).toFixed(0)} ms`;
  return `${+(time / 1e6).toFixed(step >= 1e3 ? 3 : 6)} ms`;
}
