'use strict';
// The parts of the page around the lanes: head, verdict, legend, the list of events and the selected one's details.

// An element with text and children; attributes by name.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'onclick') made.addEventListener('click', value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function fillHead(run) {
  const {head} = run;
  document.title = `${head.failed ? head.oracle : 'passed'} \u00b7 seed ${head.seed} \u00b7 ${head.scenario}`;
  const facts = [
    ['scenario', head.scenario], ['seed', head.seed], ['mutant', head.mutant], ['hash', head.hash],
    ['virtual time', formatSpan(head.end_ns)], ['events', head.event_count], ['replies checked', head.reply_count],
  ];
  for (const [name, value] of facts) {
    if (value === '') continue;
    document.getElementById('facts').append(element('div', {}, element('dt', {}, name), element('dd', {}, String(value))));
  }
  const verdict = document.getElementById('verdict');
  verdict.className = head.failed ? 'failed' : 'passed';
  if (head.failed) {
    verdict.append(element('b', {}, `Violated: ${head.oracle}`), `found at ${formatSpan(head.end_ns)}`,
      element('span', {class: 'message'}, head.message));
  } else {
    verdict.append(element('b', {}, 'Passed'), 'no oracle was violated');
  }
  if (head.dropped > 0) {
    verdict.append(element('span', {class: 'note'}, `Only the last ${run.events.length} of ${head.dropped + run.events.length} ` +
      'events are here: what was before is not shown.'));
  }
  if (head.command !== '') verdict.append(element('span', {class: 'note'}, `Made by: ${head.command}`));
}

function fillLegend(run) {
  const legend = document.getElementById('legend');
  const add = (style, text) => legend.append(element('span', {}, element('i', {style}), text));
  const line = (color) => `width:22px;height:0;border-top:2px solid var(--${color})`;
  add(line('request'), 'request');
  add(line('reply'), 'reply');
  add(line('refusal'), 'refused');
  if (run.hosts.filter((host) => host.isNode).length > 1) add(line('between'), 'between nodes');
  add('width:22px;height:0;border-top:2px dashed var(--fault)', 'never read');
  add('width:0;height:0;border:5px solid transparent;border-top:0;border-bottom:8px solid var(--fault)', 'fault has an effect');
  add('width:18px;height:11px;background:var(--fault);opacity:.35', 'fault lasts');
  add('width:8px;height:8px;background:var(--bad)', 'process ends');
  add('width:0;height:0;border:5px solid transparent;border-right:0;border-left:8px solid var(--good)', 'process starts');
  add('width:5px;height:7px;background:var(--accent)', 'log line');
  if (run.hasSlots) {
    add('width:18px;height:12px;background:linear-gradient(#4878cf 33%,#ee8c2e55 33% 66%,#3f9e5755 66%)',
      'slots as the node sees them: full colour its own, faint the others\u2019');
  }
  if (run.hasRoles) add('width:18px;height:12px;background:#4878cf55;border:1px solid #4878cf', 'replica, in its master\u2019s colour');
  if (run.head.failed) add('width:11px;height:11px;border-radius:50%;border:2.5px solid var(--bad)', 'what the oracle names');
}

// A list that has only the rows that are seen.
class EventList {
  constructor(run, onSelect) {
    this.run = run;
    this.box = document.getElementById('events');
    this.rows = document.getElementById('rows');
    this.onSelect = onSelect;
    this.shown = [];
    this.selected = null;
    this.box.addEventListener('scroll', () => this.draw());
  }

  show(indices, selected) {
    this.shown = indices;
    this.selected = selected;
    document.getElementById('events-spacer').style.height = `${indices.length * EventList.ROW}px`;
    if (selected !== null) this.reveal();
    this.draw();
  }

  reveal() {
    const place = this.shown.indexOf(this.selected.index);
    if (place < 0) return;
    const top = place * EventList.ROW;
    if (top < this.box.scrollTop + 40 || top > this.box.scrollTop + this.box.clientHeight - 60)
      this.box.scrollTop = Math.max(0, top - this.box.clientHeight / 2);
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / EventList.ROW) - 4);
    const last = Math.min(this.shown.length, first + Math.ceil(this.box.clientHeight / EventList.ROW) + 8);
    this.rows.style.top = `${first * EventList.ROW}px`;
    this.rows.replaceChildren(...this.shown.slice(first, last).map((index) => this.row(this.run.events[index])));
  }

  row(event) {
    const kind = event.category === 'fault' ? 'fault' : event.refused ? 'refusal' : '';
    return element('div', {
      class: 'row', role: 'option', 'aria-selected': String(event === this.selected), onclick: () => this.onSelect(event),
    },
    element('span', {class: 'time'}, `${(event.time / 1e6).toFixed(3)}`),
    element('span', {}, this.run.hosts[event.host].name),
    element('span', {class: kind}, event.kind),
    element('span', {class: `text ${kind}`}, event.text));
  }
}
EventList.ROW = 20;

const KIND_WORDS = {
  read: 'reads', write: 'writes', connect: 'has connected', accept: 'accepts a connection', closed: 'connection closed',
  fault: 'fault', healed: 'all faults end', start: 'process starts', stop: 'process ends', log: 'log line',
};

function fillDetails(run, event, jump) {
  const box = document.getElementById('details');
  box.replaceChildren();
  if (event === null) {
    box.append(element('h2', {}, 'No event selected'), element('p', {}, 'Click one in the lanes or in the list, or step with the arrow keys.'));
    if (run.head.failed && run.head.plan !== '') box.append(element('p', {}, 'What the seed drew:'), element('pre', {}, run.head.plan));
    return;
  }
  const host = run.hosts[event.host];
  const state = host.states.find((candidate) => candidate.begin <= event.time && event.time < candidate.end);
  const rows = [['at', `${formatTime(event.time)} s`], ['event', `${event.index + 1 + run.head.dropped} of ${run.head.dropped + run.events.length}`]];
  if (event.connection > 0) rows.push(['connection', String(event.connection)]);
  if (event.size > 0) rows.push(['bytes', String(event.size)]);
  if (event.lost) rows.push(['read', 'never']);
  if (state !== undefined && state.role !== '') rows.push(['node is', [state.role, state.of && `of ${state.of}`, state.lineage && `lineage ${state.lineage}`, state.epoch && `epoch ${state.epoch}`].filter(Boolean).join(', ')]);
  box.append(element('h2', {}, `${host.name} ${KIND_WORDS[event.kind] || event.kind}`),
    element('table', {}, ...rows.map(([name, value]) => element('tr', {}, element('td', {}, name), element('td', {}, value)))));
  for (const [word, partners] of [['read by', event.to], ['written by', event.from]]) {
    if (partners.length === 0) continue;
    const line = element('p', {}, `${word} `);
    for (const index of partners.slice(0, 6)) {
      const partner = run.events[index];
      line.append(element('button', {class: 'jump', onclick: () => jump(partner)},
        `${run.hosts[partner.host].name}, ${formatSpan(Math.abs(partner.time - event.time))} ${partner.time < event.time ? 'earlier' : 'later'}`));
    }
    box.append(line);
  }
  if (event.text !== '') box.append(element('pre', {}, event.text));
  if (event.raw !== '' && event.raw !== event.text) box.append(element('pre', {title: 'the bytes'}, event.raw));
}
