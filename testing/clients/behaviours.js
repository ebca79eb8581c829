'use strict';
// What the scripts of both client libraries share: the cluster's description, the control plane
// behind standard input and output (see node_clients_test.py), and the loop that runs named
// behaviours.

const assert = require('node:assert');
const fs = require('node:fs');
const readline = require('node:readline');

const BEHAVIOUR_MS = 20000;

let cluster = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

const answers = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();

async function ask(request) {
  process.stdout.write(`@${request}\n`);
  return JSON.parse((await answers.next()).value);
}

function seedPort() {
  return cluster.nodes[cluster.nodes.length - 1].port;
}

function ownerOf(slot) {
  return cluster.nodes.find(
      ({ranges}) => ranges.some(([first, last]) => first <= slot && slot <= last));
}

function ports() {
  return cluster.nodes.map(({port}) => port).sort();
}

// Every range of slots with the port of its owner, ascending: what CLUSTER SLOTS has to say.
function allRanges() {
  return cluster.nodes
      .flatMap(({port, ranges}) => ranges.map(([first, last]) => [first, last, port]))
      .sort((a, b) => a[0] - b[0]);
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function waitUntil(condition, what, seconds = 5) {
  const deadline = Date.now() + 1000 * seconds;
  while (!(await condition())) {
    assert(Date.now() < deadline, `${what}: not within ${seconds} s`);
    await sleep(10);
  }
}

// Runs load(round) again and again while slots move from the first node to the second. It answers
// with the slots whose keys it found missing; those must be among the moved ones. An error that
// reaches it fails the behaviour.
async function moveSlotsUnderLoad(load) {
  let rounds = 0;
  let stopped = false;
  const missing = new Set();
  const keepLoading = async () => {
    while (!stopped) {
      (await load(rounds)).forEach((slot) => missing.add(slot));
      rounds++;
    }
  };
  const moreRounds = async (count) => {
    const target = rounds + count;
    await waitUntil(
        () => stopped || rounds >= target, `${count} more rounds of load`, BEHAVIOUR_MS / 1000);
  };
  const move = async () => {
    await moreRounds(5);
    const answer = await ask('move');
    await moreRounds(5);
    return answer;
  };
  const stop = () => stopped = true;
  const [moving, loading] =
      await Promise.allSettled([move().finally(stop), keepLoading().finally(stop)]);
  for (const {reason} of [loading, moving]) {
    if (reason) throw reason;
  }
  const moved = moving.value;
  cluster = moved;
  const lost = [...missing].filter((slot) => slot < moved.first || slot > moved.last);
  assert.deepStrictEqual(lost, [], 'keys lost outside the moved slots');
  console.log(
      `${rounds} rounds of load, ${missing.size} moved slots with a missing key at some time`);
  assert.deepStrictEqual(
      await load(rounds), [], 'a key is missing although nothing moves any more');
  return moved;
}

// Runs each behaviour of each suite ({title, options, behaviours by name}) on an empty cluster with a
// client of its own, from connect(options, onErrorEvent). Ends the process, with 0 when all held.
async function run(suites, connect, disconnect) {
  let passed = 0;
  let failed = 0;
  for (const {title, options, behaviours} of suites) {
    for (const [name, behaviour] of Object.entries(behaviours)) {
      await ask('empty');
      const strayErrors = [];
      const begin = Date.now();
      let client;
      let timer;
      const late = new Promise((_, reject) => {
        timer =
            setTimeout(() => reject(new Error(`not done within ${BEHAVIOUR_MS} ms`)), BEHAVIOUR_MS);
      });
      try {
        await Promise.race([
          late, (async () => {
            client = await connect(options, (error) => strayErrors.push(error));
            await behaviour(client);
            assert.deepStrictEqual(strayErrors, [], 'an error event reached the application');
          })()
        ]);
        console.log(`ok: ${title}: ${name} (${Date.now() - begin} ms)`);
        ++passed;
      } catch (error) {
        console.log(`FAILED: ${title}: ${name}\n${error.stack}`);
        ++failed;
      }
      clearTimeout(timer);
      if (client) await disconnect(client);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

module.exports = {
  allRanges,
  hasCrossSlotErrors: cluster.hasCrossSlotErrors,
  isSeveralNodes: cluster.nodes.length > 1,
  keys: cluster.keys,
  moveSlotsUnderLoad,
  nodes: () => cluster.nodes,
  ownerOf,
  ports,
  run,
  seedPort,
  waitUntil,
};
