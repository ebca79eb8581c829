'use strict';
// node-redis: what it must be able to do on any cluster, in both protocols.

const assert = require('node:assert');
const {createCluster} = require('redis');
const {
  allRanges,
  hasCrossSlotErrors,
  isSeveralNodes,
  keys,
  moveSlotsUnderLoad,
  nodes,
  ownerOf,
  ports,
  run,
  seedPort,
  waitUntil
} = require('./behaviours');

async function connect(options, onError) {
  const cluster =
      createCluster({rootNodes: [{url: `redis://localhost:${seedPort()}`}], ...options});
  cluster.on('error', onError);
  await cluster.connect();
  return cluster;
}

const masterClients = (cluster) =>
    Promise.all(cluster.masters.map((master) => cluster.nodeClient(master)));

async function scanAll(client, match) {
  const found = [];
  for await (const page of client.scanIterator({MATCH: match, COUNT: 100})) found.push(...page);
  return found;
}

const slotsOf = (cluster) => cluster.slots.map(({master}) => master.port);

const onAnyCluster = {
  'finds every node and all slots from a localhost seed': async (cluster) => {
    assert.deepStrictEqual(cluster.masters.map(({port}) => port).sort(), ports());
    assert.deepStrictEqual(cluster.replicas, []);
    assert.deepStrictEqual(slotsOf(cluster), keys.map((_, slot) => ownerOf(slot).port));
  },

  'a key of each slot goes to its owner and comes back': async (cluster) => {
    const replies = await Promise.all(keys.map((key) => cluster.set(key, `value of ${key}`)));
    assert(replies.every((reply) => reply === 'OK'));
    assert.deepStrictEqual(
        await Promise.all(keys.map((key) => cluster.get(key))),
        keys.map((key) => `value of ${key}`));
    const sizes =
        await Promise.all((await masterClients(cluster)).map((client) => client.dbSize()));
    assert.strictEqual(sizes.reduce((sum, size) => sum + size), keys.length);
  },

  'pipelines over all slots of a node': async (cluster) => {
    for (const {ranges} of nodes()) {
      const own = ranges.flatMap(([first, last]) => keys.slice(first, last + 1));
      const client = await cluster.getNodeClientForKey(own[0]);
      const pipeline = client.multi();
      own.forEach((key) => pipeline.set(key, key).get(key));
      assert.deepStrictEqual(await pipeline.execAsPipeline(), own.flatMap((key) => ['OK', key]));
    }
  },

  'a transaction on one hash tag': async (cluster) => {
    const replies = await cluster.multi()
                        .set('{account}:a', '1')
                        .incrBy('{account}:a', 4)
                        .mSet({'{account}:b': 'x', '{account}:c': 'y'})
                        .exec();
    assert.deepStrictEqual(replies, ['OK', 5, 'OK']);
    assert.deepStrictEqual(
        await cluster.mGet(['{account}:a', '{account}:b', '{account}:c']), ['5', 'x', 'y']);
  },

  'an error inside a transaction stays with its command': async (cluster) => {
    await assert.rejects(
        cluster.multi().set('{t}text', 'abc').incr('{t}text').set('{t}n', '7').exec(),
        ({replies}) => {
          assert.deepStrictEqual([replies[0], replies[2]], ['OK', 'OK']);
          assert.match(replies[1].message, /ERR value is not an integer/);
          return true;
        });
    assert.strictEqual(await cluster.get('{t}n'), '7');
  },

  'keys that are not the first argument': async (cluster) => {
    await cluster.set('{bits}a', '\x0f');
    await cluster.set('{bits}b', '\x3c');
    assert.strictEqual(await cluster.bitOp('XOR', '{bits}to', ['{bits}a', '{bits}b']), 1);
    assert.strictEqual(await cluster.get('{bits}to'), '\x33');
    assert.strictEqual(await cluster.objectEncoding('{bits}a'), 'embstr');
    assert.strictEqual(await cluster.rename('{bits}to', '{bits}there'), 'OK');
    assert.strictEqual(await cluster.copy('{bits}there', '{bits}copy'), 1);
  },

  'SCAN over all nodes finds every key once': async (cluster) => {
    const wanted = Array.from({length: 3000}, (_, number) => `scanned:${number}`).sort();
    await Promise.all(wanted.map((key) => cluster.set(key, '1')));
    const found =
        (await Promise.all(
             (await masterClients(cluster)).map((client) => scanAll(client, 'scanned:*'))))
            .flat();
    assert.deepStrictEqual(found.sort(), wanted);
  },

  'what the cluster says of itself is parsed': async (cluster) => {
    const clients = await masterClients(cluster);
    const slots = await clients[0].clusterSlots();
    const info = await clients[0].clusterInfo();
    const shards = await clients[0].sendCommand(['CLUSTER', 'SHARDS']);
    console.log(JSON.stringify({slots, info, nodes: await clients[0].clusterNodes(), shards}));
    const seen =
        slots.map(({from, to, master}) => [from, to, master.port]).sort((a, b) => a[0] - b[0]);
    assert.deepStrictEqual(seen, allRanges());
    assert.match(info, /cluster_state:ok/);
    assert.strictEqual(shards.length, nodes().length);
    assert.strictEqual(await clients[0].clusterKeySlot('a{b}c'), 3300);
    const ids = await Promise.all(clients.map((client) => client.clusterMyId()));
    assert.deepStrictEqual(ids.sort(), nodes().map(({id}) => id).sort());
  },

  'a message published on every node reaches the subscriber': async (cluster) => {
    const messages = [];
    await cluster.subscribe('news', (message, channel) => messages.push(`${channel}: ${message}`));
    await cluster.pSubscribe(
        'ne*', (message, channel) => messages.push(`ne* ${channel}: ${message}`));
    for (const client of await masterClients(cluster)) await client.publish('news', 'hello');
    await waitUntil(
        () => messages.includes('news: hello') && messages.includes('ne* news: hello'),
        'both messages');
    await cluster.unsubscribe('news');
    await cluster.pUnsubscribe('ne*');
  },

  'a sharded message reaches its subscriber': async (cluster) => {
    const messages = [];
    const listener = (message, channel) => messages.push(`${channel}: ${message}`);
    const channels = [keys[0], keys[8000], keys[16000]].map((key) => `shard:{${key}}`);
    for (const channel of channels) await cluster.sSubscribe(channel, listener);
    for (const channel of channels) assert.strictEqual(await cluster.sPublish(channel, 'hello'), 1);
    await waitUntil(() => messages.length === 3, 'all three messages');
    assert.deepStrictEqual(messages.sort(), channels.map((channel) => `${channel}: hello`).sort());
    for (const channel of channels) await cluster.sUnsubscribe(channel, listener);
    for (const channel of channels)
      assert.strictEqual(await cluster.sPublish(channel, 'nobody hears'), 0);
  },
};

const onSeveralNodes = {
  'keys of several slots are refused': async (cluster) => {
    const client = await cluster.getNodeClientForKey(keys[0]);
    await assert.rejects(
        client.mGet([keys[0], keys[1]]), /CROSSSLOT Keys in request don't hash to the same slot$/);
  },

  'a stale client follows MOVED': async (cluster) => {
    cluster.slots[0] = cluster.slots[16383];
    assert.notStrictEqual(slotsOf(cluster)[0], ownerOf(0).port);
    assert.strictEqual(await cluster.set(keys[0], 'found'), 'OK');
    assert.strictEqual(await cluster.get(keys[0]), 'found');
    assert.strictEqual(slotsOf(cluster)[0], ownerOf(0).port);
  },

  'slots move under load without an error': async (cluster) => {
    const moved = await moveSlotsUnderLoad(async (round) => {
      const missing = [];
      const slots = keys.map((_, slot) => slot).filter((slot) => slot % 37 === round % 37);
      await Promise.all(slots.map(async (slot) => {
        assert.strictEqual(await cluster.set(keys[slot], String(round)), 'OK');
        const value = await cluster.get(keys[slot]);
        if (value === null)
          missing.push(slot);
        else
          assert.strictEqual(value, String(round));
      }));
      return missing;
    });
    await Promise.all(keys.slice(moved.first, moved.last + 1).map((key) => cluster.set(key, '1')));
    assert(slotsOf(cluster)
               .slice(moved.first, moved.last + 1)
               .every((port) => port === nodes()[1].port));
  },
};

const onOneNode = {
  'keys of several slots are served together': async (cluster) => {
    const client = await cluster.getNodeClientForKey(keys[0]);
    assert.strictEqual(await client.mSet({[keys[0]]: '1', [keys[1]]: '2'}), 'OK');
    assert.deepStrictEqual(await client.mGet([keys[0], keys[1]]), ['1', '2']);
  },
};

const onThisCluster = {
  ...onAnyCluster,
  ...(hasCrossSlotErrors ? {} : onOneNode),
  ...(isSeveralNodes ? onSeveralNodes : {})
};
// A cluster's slots move once. How many connections the client opens is shown by few keys as well as by
// many.
const {'slots move under load without an error': moves, ...withoutMoves} = onThisCluster;
const {'a key of each slot goes to its owner and comes back': allSlots, ...withFewKeys} =
    withoutMoves;

run(
    [
      {title: 'RESP3', options: {}, behaviours: onThisCluster},
      {title: 'RESP2', options: {RESP: 2}, behaviours: withoutMoves},
      {title: 'reads from replicas', options: {useReplicas: true}, behaviours: withoutMoves},
      {title: 'few connections', options: {minimizeConnections: true}, behaviours: withFewKeys},
    ],
    connect, (cluster) => cluster.destroy());
