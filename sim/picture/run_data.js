'use strict';
// The run as the recorder has written it, decoded: hosts, events, messages, faults, what each node was and when, and
// what the oracle says. Everything here is data from the run: it is put on the page as text, never as markup.

const Category = {
  message: 'Messages',
  connection: 'Connections',
  fault: 'Faults',
  process: 'Processes',
  log: 'Logs',
};
const CATEGORY_OF_KIND = {
  read: 'message', write: 'message', connect: 'connection', accept: 'connection', closed: 'connection',
  fault: 'fault', healed: 'fault', start: 'process', stop: 'process', log: 'log',
};

function parseState(text) {
  const state = {text, role: '', of: '', lineage: '', epoch: '', ranges: null};
  for (const word of text.split(' ')) {
    const equals = word.indexOf('=');
    if (equals < 0) {
      state.role = word;
    } else if (word.startsWith('slots=')) {
      state.ranges = word.slice(6).split(',').filter(Boolean).map((range) => {
        const [, first, last, owner] = /^(\d+)-(\d+):(.*)$/.exec(range);
        return {first: +first, last: +last, owner};
      });
    } else {
      state[word.slice(0, equals)] = word.slice(equals + 1);
    }
  }
  return state;
}

// Which moments at which nodes the oracle's message names: "node 3 (process 1) at 12..15 ns".
function evidenceIn(message, hosts) {
  const found = [];
  for (const match of message.matchAll(/node (\d+) \(process \d+\)(?: at (\d+)\.\.(\d+) ns)?/g)) {
    const host = hosts.find((candidate) => candidate.name === `node ${match[1]}`);
    if (host === undefined) continue;
    if (found.some((other) => other.host === host.id && other.time === (match[3] ? +match[3] : null))) continue;
    found.push({host: host.id, begin: match[2] ? +match[2] : null, time: match[3] ? +match[3] : null});
  }
  return found;
}

function readRun(json) {
  const hosts = json.hosts.map(([name, address], id) => ({
    id, name, address,
    isNode: name.startsWith('node '),
    label: name,
    nodeId: name.startsWith('node ') ? 'n' + name.slice(5) : '',
    states: [], lives: [], faults: [], events: [],
  }));
  const events = json.events.map(([time, host, kind, connection, size, text, raw], index) => ({
    index, time, host, kind: json.kinds[kind], category: CATEGORY_OF_KIND[json.kinds[kind]],
    connection, size, text, raw, from: [], to: [],
  }));
  for (const [from, to] of json.links) {
    events[from].to.push(to);
    events[to].from.push(from);
  }
  for (const event of events) {
    // What a read took whole from one write stands there only.
    if (event.kind === 'read' && event.raw === '' && event.from.length === 1) {
      event.raw = events[event.from[0]].raw;
      event.text = events[event.from[0]].text;
    }
    event.refused = event.category === 'message' && event.text.startsWith('(error)');
    event.haystack = `${event.kind} ${event.text} ${hosts[event.host].name}`.toLowerCase();
    hosts[event.host].events.push(event.index);
  }
  const head = json.head;
  const first = events.length > 0 && head.dropped > 0 ? events[0].time : 0;
  const texts = json.state_texts.map(parseState);
  for (const [time, host, text] of json.states) hosts[host].states.push({begin: time, end: head.end_ns, ...texts[text]});
  for (const host of hosts) {
    for (let i = 1; i < host.states.length; ++i) host.states[i - 1].end = host.states[i].begin;
    host.lives = livesOf(host, events, head);
  }
  const faults = json.faults.map(([name, host, other, begin, end]) => ({name, host, other, begin, end}));
  for (const fault of faults) {
    hosts[fault.host].faults.push(fault);
    if (fault.other >= 0) hosts[fault.other].faults.push(fault);
  }
  const healed = events.find((event) => event.kind === 'healed');
  return {
    head, hosts, events, faults, first,
    last: Math.max(head.end_ns, first + 1),
    healed: healed ? healed.time : null,
    evidence: head.failed ? evidenceIn(head.message, hosts) : [],
    hasSlots: texts.some((state) => state.ranges !== null),
    hasRoles: texts.some((state) => state.role !== '' && state.role !== 'master'),
  };
}

// When the host's processes lived. Of one whose beginning is not kept: from the beginning of what is.
function livesOf(host, events, head) {
  const lives = [];
  let begin = 0;
  let alive = true;
  for (const index of host.events) {
    const event = events[index];
    if (event.kind === 'start') {
      if (!alive || lives.length === 0) begin = event.time;
      alive = true;
    } else if (event.kind === 'stop') {
      if (alive) lives.push({begin, end: event.time, died: event.text});
      alive = false;
    }
  }
  if (alive) lives.push({begin, end: head.end_ns, died: ''});
  return lives;
}

// The class of a message, for its colour.
function messageClass(run, write) {
  const host = run.hosts[write.host];
  const peer = write.to.length > 0 ? run.hosts[run.events[write.to[0]].host] : null;
  if (host.isNode && peer !== null && peer.isNode) return 'between';
  if (write.refused) return 'refusal';
  return host.isNode ? 'reply' : 'request';
}

function formatTime(time_ns) {
  const seconds = Math.floor(time_ns / 1e9);
  const rest = String(Math.floor(time_ns - seconds * 1e9)).padStart(9, '0');
  return `${seconds}.${rest.slice(0, 3)} ${rest.slice(3, 6)} ${rest.slice(6)}`;
}

function formatSpan(span_ns) {
  if (span_ns >= 1e9) return `${+(span_ns / 1e9).toPrecision(4)} s`;
  if (span_ns >= 1e6) return `${+(span_ns / 1e6).toPrecision(4)} ms`;
  if (span_ns >= 1e3) return `${+(span_ns / 1e3).toPrecision(4)} \u00b5s`;
  return `${Math.round(span_ns)} ns`;
}
