'use strict';
// ioredis: what it must be able to do on any cluster, in both protocols.

const assert = require('node:assert');
const {Cluster} = require('ioredis');
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
  const cluster = new Cluster([{host: 'localhost', port: seedPort()}], options);
  cluster.on('error', onError);
  await waitUntil(() => cluster.status === 'ready', 'the cluster client is ready');
  return cluster;
}

async function scanAll(node, match) {
  const found = [];
  for await (const page of node.scanStream({match, count: 100})) found.push(...page);
  return found;
}

const slotsOf = (cluster) => cluster.slots.map((owners) => Number(owners[0].split(':').pop()));

const onAnyCluster = {
  'finds every node and all slots from a localhost seed': async (cluster) => {
    assert.deepStrictEqual(
        cluster.nodes('master').map((node) => node.options.port).sort(), ports());
    assert.deepStrictEqual(slotsOf(cluster), keys.map((_, slot) => ownerOf(slot).port));
  },

  'a key of each slot goes to its owner and comes back': async (cluster) => {
    const replies = await Promise.all(keys.map((key) => cluster.set(key, `value of ${key}`)));
    assert(replies.every((reply) => reply === 'OK'));
    assert.deepStrictEqual(
        await Promise.all(keys.map((key) => cluster.get(key))),
        keys.map((key) => `value of ${key}`));
    const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()));
    assert.strictEqual(sizes.reduce((sum, size) => sum + size), keys.length);
  },

  'pipelines over all slots of a node': async (cluster) => {
    for (const {port, ranges} of nodes()) {
      const own = ranges.flatMap(([first, last]) => keys.slice(first, last + 1));
      const pipeline = cluster.pipeline();
      own.forEach((key) => pipeline.set(key, port).get(key));
      const replies = await pipeline.exec();
      assert.deepStrictEqual(replies, own.flatMap(() => [[null, 'OK'], [null, String(port)]]));
    }
  },

  'an error inside a pipeline stays with its command': async (cluster) => {
    const replies = await cluster.pipeline()
                        .set('{t}text', 'abc')
                        .incr('{t}text')
                        .set('{t}n', 1)
                        .incr('{t}n')
                        .exec();
    assert.deepStrictEqual(replies.map(([, reply]) => reply), ['OK', undefined, 'OK', 2]);
    assert.match(replies[1][0].message, /ERR value is not an integer/);
  },

  'a transaction on one hash tag': async (cluster) => {
    const replies = await cluster.multi()
                        .set('{account}:a', 1)
                        .incrby('{account}:a', 4)
                        .mset('{account}:b', 'x', '{account}:c', 'y')
                        .exec();
    assert.deepStrictEqual(replies, [[null, 'OK'], [null, 5], [null, 'OK']]);
    assert.deepStrictEqual(
        await cluster.mget('{account}:a', '{account}:b', '{account}:c'), ['5', 'x', 'y']);
  },

  'keys that are not the first argument': async (cluster) => {
    await cluster.set('{bits}a', '\x0f');
    await cluster.set('{bits}b', '\x3c');
    assert.strictEqual(await cluster.bitop('XOR', '{bits}to', '{bits}a', '{bits}b'), 1);
    assert.strictEqual(await cluster.get('{bits}to'), '\x33');
    assert.strictEqual(await cluster.object('ENCODING', '{bits}a'), 'embstr');
    assert.strictEqual(await cluster.rename('{bits}to', '{bits}there'), 'OK');
    assert.strictEqual(await cluster.copy('{bits}there', '{bits}copy'), 1);
  },

  'SCAN over all nodes finds every key once': async (cluster) => {
    const wanted = Array.from({length: 3000}, (_, number) => `scanned:${number}`).sort();
    await Promise.all(wanted.map((key) => cluster.set(key, 1)));
    const found =
        (await Promise.all(cluster.nodes('master').map((node) => scanAll(node, 'scanned:*'))))
            .flat();
    assert.deepStrictEqual(found.sort(), wanted);
  },

  'what the cluster says of itself is parsed': async (cluster) => {
    const slots = await cluster.cluster('SLOTS');
    const info = await cluster.cluster('INFO');
    console.log(JSON.stringify({
      slots,
      info,
      nodes: await cluster.cluster('NODES'),
      shards: await cluster.cluster('SHARDS')
    }));
    const seen =
        slots.map(([first, last, [, port]]) => [first, last, port]).sort((a, b) => a[0] - b[0]);
    assert.deepStrictEqual(seen, allRanges());
    assert.match(info, /cluster_state:ok/);
    assert.strictEqual(await cluster.cluster('KEYSLOT', 'a{b}c'), 3300);
    const ids = await Promise.all(cluster.nodes('master').map((node) => node.cluster('MYID')));
    assert.deepStrictEqual(ids.sort(), nodes().map(({id}) => id).sort());
  },

  'a message published on every node reaches the subscriber': async (cluster) => {
    const messages = [];
    cluster.on('message', (channel, message) => messages.push(`${channel}: ${message}`));
    cluster.on(
        'pmessage',
        (pattern, channel, message) => messages.push(`${pattern} ${channel}: ${message}`));
    await cluster.subscribe('news');
    await cluster.psubscribe('ne*');
    for (const node of cluster.nodes('master')) await node.publish('news', 'hello');
    await waitUntil(
        () => messages.includes('news: hello') && messages.includes('ne* news: hello'),
        'both messages');
  },
};

const onSeveralNodes = {
  'keys of several slots are refused': async (cluster) => {
    await assert.rejects(
        cluster.mget(keys[0], keys[1]),
        /^ReplyError: CROSSSLOT Keys in request don't hash to the same slot$/);
  },

  'a stale client follows MOVED': async (cluster) => {
    const node = cluster.nodes('master').find(({options}) => options.port !== ownerOf(0).port);
    cluster.slots[0] = [`${node.options.host}:${node.options.port}`];
    assert.strictEqual(await cluster.set(keys[0], 'found'), 'OK');
    assert.strictEqual(await cluster.get(keys[0]), 'found');
    assert.strictEqual(slotsOf(cluster)[0], ownerOf(0).port);
  },

  'slots move under load without an error': async (cluster) => {
    const moved = await moveSlotsUnderLoad(async (round) => {
      const missing = [];
      const slots = keys.map((_, slot) => slot).filter((slot) => slot % 37 === round % 37);
      await Promise.all(slots.map(async (slot) => {
        assert.strictEqual(await cluster.set(keys[slot], round), 'OK');
        const value = await cluster.get(keys[slot]);
        if (value === null)
          missing.push(slot);
        else
          assert.strictEqual(value, String(round));
      }));
      return missing;
    });
    const ownKeys = keys.slice(moved.first, moved.last + 1);
    await Promise.all(ownKeys.map((key) => cluster.set(key, 1)));
    await waitUntil(
        () => slotsOf(cluster)
                  .slice(moved.first, moved.last + 1)
                  .every((port) => port === nodes()[1].port),
        'the client knows the new owner of each slot');
  },
};

const onOneNode = {
  'keys of several slots are served together': async (cluster) => {
    assert.strictEqual(await cluster.mset(keys[0], 1, keys[1], 2), 'OK');
    assert.deepStrictEqual(await cluster.mget(keys[0], keys[1]), ['1', '2']);
  },
};

const shardedMessages = {
  'a sharded message reaches its subscriber': async (cluster) => {
    const messages = [];
    cluster.on('smessage', (channel, message) => messages.push(`${channel}: ${message}`));
    const channels = [keys[0], keys[8000], keys[16000]].map((key) => `shard:{${key}}`);
    for (const channel of channels) await cluster.ssubscribe(channel);
    for (const channel of channels) assert.strictEqual(await cluster.spublish(channel, 'hello'), 1);
    await waitUntil(() => messages.length === 3, 'all three messages');
    assert.deepStrictEqual(messages.sort(), channels.map((channel) => `${channel}: hello`).sort());
    for (const channel of channels) await cluster.sunsubscribe(channel);
    for (const channel of channels)
      assert.strictEqual(await cluster.spublish(channel, 'nobody hears'), 0);
  },
};

const onThisCluster = {
  ...onAnyCluster,
  ...(hasCrossSlotErrors ? {} : onOneNode),
  ...(isSeveralNodes ? onSeveralNodes : {})
};
// A cluster's slots move once. The pipelines that the client makes by itself hold keys of one slot only:
// there it is the client that refuses keys of several, whatever the cluster would do.
const {'slots move under load without an error': moves, ...withoutMoves} = onThisCluster;
const {
  'keys of several slots are refused': refusal,
  'keys of several slots are served together': service,
  ...pipelined
} = withoutMoves;

run(
    [
      {title: 'RESP3', options: {}, behaviours: onThisCluster},
      {title: 'RESP2', options: {redisOptions: {protocol: 2}}, behaviours: withoutMoves},
      {title: 'reads from replicas', options: {scaleReads: 'slave'}, behaviours: withoutMoves},
      {title: 'pipelines by itself', options: {enableAutoPipelining: true}, behaviours: pipelined},
      {
        title: 'sharded subscriber',
        options: {shardedSubscribers: true},
        behaviours: shardedMessages
      },
    ],
    connect, (cluster) => cluster.disconnect());
