"""redis-py's RedisCluster."""

import logging
import pprint

import redis
from redis.cluster import ClusterNode
from redis.exceptions import RedisClusterException, ResponseError

import cluster_case
import resp


class RedisPyCase(cluster_case.ClusterCase):
    client_options = {}

    def setUp(self):
        super().setUp()
        self.client = redis.RedisCluster(host="localhost", port=self.seed.port, decode_responses=True, **self.client_options)
        self.addCleanup(self.client.close)

    def node_client(self, key):
        """The plain client of the node that owns the key."""
        return self.client.get_redis_connection(self.client.get_node_from_key(key))


class OnAnyCluster(RedisPyCase):

    def test_finds_every_node_and_all_slots_from_a_localhost_seed(self):
        self.assertEqual({node.port for node in self.client.get_primaries()}, {node.port for node in self.cluster.nodes})
        self.assertEqual(self.client.get_replicas(), [])
        for slot in range(resp.SLOT_COUNT):
            self.assertEqual(self.client.nodes_manager.get_node_from_slot(slot).port, self.cluster.owner_of(slot).port)

    def test_a_key_of_each_slot_goes_to_its_owner_and_comes_back(self):
        keys = resp.key_of_each_slot()
        for begin in range(0, len(keys), 4096):
            pipeline = self.client.pipeline()
            for key in keys[begin:begin + 4096]:
                pipeline.set(key, f"value of {key}")
            self.assertEqual(set(pipeline.execute()), {True})
        pipeline = self.client.pipeline()
        for key in keys:
            pipeline.get(key)
        self.assertEqual(pipeline.execute(), [f"value of {key}" for key in keys])
        self.assertEqual(self.client.dbsize(target_nodes=redis.RedisCluster.PRIMARIES), resp.SLOT_COUNT)
        for node in self.cluster.nodes:
            own = sum(last - first + 1 for first, last in self.cluster.ranges_of(node))
            self.assertEqual(self.client.dbsize(target_nodes=ClusterNode(node.host, node.port)), own)

    def test_an_error_inside_a_pipeline_stays_with_its_command(self):
        pipeline = self.client.pipeline()
        pipeline.set("text", "abc").incr("text").set("other", 1).incr("other")
        replies = pipeline.execute(raise_on_error=False)
        self.assertEqual(replies[0], True)
        self.assertIsInstance(replies[1], ResponseError)
        self.assertEqual(replies[2:], [True, 2])

    def test_a_transaction_on_one_hash_tag(self):
        transaction = self.node_client("{account}").pipeline(transaction=True)
        transaction.watch("{account}:a")
        transaction.multi()
        transaction.set("{account}:a", 1).incrby("{account}:a", 4).mset({"{account}:b": "x", "{account}:c": "y"})
        self.assertEqual(transaction.execute(), [True, 5, True])
        self.assertEqual(self.client.mget("{account}:a", "{account}:b", "{account}:c"), ["5", "x", "y"])

    def test_a_watched_key_that_was_written_stops_the_transaction(self):
        transaction = self.node_client("{account}").pipeline(transaction=True)
        transaction.watch("{account}:a")
        self.client.set("{account}:a", "written meanwhile")
        transaction.multi()
        transaction.set("{account}:a", "never")
        with self.assertRaises(redis.WatchError):
            transaction.execute()
        self.assertEqual(self.client.get("{account}:a"), "written meanwhile")

    def test_multi_key_commands_that_the_client_splits_by_slot(self):
        values = {f"split:{number}": str(number) for number in range(200)}
        self.client.mset_nonatomic(values)
        self.assertEqual(self.client.mget_nonatomic(*values), list(values.values()))
        self.assertEqual(self.client.exists(*values), 200)
        self.assertEqual(self.client.touch(*values), 200)
        self.assertEqual(self.client.delete(*list(values)[:150]), 150)
        self.assertEqual(self.client.unlink(*list(values)[150:]), 50)
        with self.assertRaises(RedisClusterException):
            self.client.mget("split:1", "split:2")

    def test_keys_that_are_not_the_first_argument_are_found_by_the_command_table(self):
        self.client.set("{bits}a", "\x0f")
        self.client.set("{bits}b", "\x3c")
        self.assertEqual(self.client.bitop("XOR", "{bits}to", "{bits}a", "{bits}b"), 1)
        self.assertEqual(self.client.get("{bits}to"), "\x33")
        self.assertEqual(self.client.object("encoding", "{bits}a"), "embstr")
        self.assertTrue(self.client.memory_usage("{bits}a") > 0)
        self.assertTrue(self.client.rename("{bits}to", "{bits}there"))
        self.assertEqual(self.client.copy("{bits}there", "{bits}copy"), True)
        self.assertEqual(self.client.determine_slot("BITOP", "XOR", "{bits}to", "{bits}a"), resp.slot_of("bits"))

    def test_scan_keys_and_flushall_go_over_all_nodes(self):
        keys = {f"scanned:{number}" for number in range(3000)}
        pipeline = self.client.pipeline()
        for key in keys:
            pipeline.set(key, 1)
        pipeline.execute()
        self.assertEqual(sorted(self.client.scan_iter(match="scanned:*", count=100)), sorted(keys))
        self.assertEqual(sorted(self.client.keys("scanned:*", target_nodes=redis.RedisCluster.PRIMARIES)), sorted(keys))
        self.assertIn(self.client.randomkey(), keys)
        self.client.flushall(target_nodes=redis.RedisCluster.PRIMARIES)
        self.assertEqual(self.client.dbsize(target_nodes=redis.RedisCluster.PRIMARIES), 0)

    def test_messages_of_one_node_reach_its_subscriber(self):
        node = self.client.get_primaries()[0]
        listener = self.client.pubsub(node=node)
        self.addCleanup(listener.close)
        listener.subscribe("news")
        listener.psubscribe("ne*")
        self.assertEqual([listener.get_message(timeout=5)["type"] for _ in range(2)], ["subscribe", "psubscribe"])
        self.client.publish("news", "hello", target_nodes=node)
        got = [listener.get_message(timeout=5) for _ in range(2)]
        self.assertEqual(sorted((message["type"], message["data"]) for message in got),
                         [("message", "hello"), ("pmessage", "hello")])
        self.assertEqual(self.client.pubsub_numsub("news", target_nodes=node), [("news", 1)])

    def test_what_the_cluster_says_of_itself_is_parsed(self):
        slots = self.client.cluster_slots()
        nodes = self.client.cluster_nodes()
        info = self.client.cluster_info()
        pprint.pprint({"slots": slots, "nodes": nodes, "info": info, "shards": self.client.cluster_shards()})
        expected = {owned: (node.host, node.port) for node in self.cluster.nodes for owned in self.cluster.ranges_of(node)}
        self.assertEqual({owned: entry["primary"] for owned, entry in slots.items()}, expected)
        self.assertEqual({entry["node_id"] for entry in nodes.values()}, {node.id for node in self.cluster.nodes})
        self.assertEqual({address for address, entry in nodes.items() if entry["connected"]},
                         {f"{node.host}:{node.port}" for node in self.cluster.nodes})
        self.assertEqual(sum("myself" in entry["flags"] for entry in nodes.values()), 1)
        self.assertTrue(all("master" in entry["flags"] for entry in nodes.values()))
        self.assertEqual((info["cluster_state"], info["cluster_slots_assigned"]), ("ok", "16384"))
        self.assertEqual((info["cluster_known_nodes"], info["cluster_size"]), (str(len(self.cluster.nodes)), ) * 2)
        self.assertEqual(self.client.cluster_keyslot("a{b}c"), resp.slot_of("b"))
        for node in self.cluster.nodes:
            target = ClusterNode(node.host, node.port)
            self.assertEqual(self.client.cluster_myid(target), node.id)

    def test_shards_are_parsed(self):
        owned = {}
        for shard in self.client.cluster_shards():
            self.assertEqual(len(shard["nodes"]), 1)
            node = shard["nodes"][0]
            self.assertEqual((node["role"], node["health"], node["ip"]), ("master", "online", "127.0.0.1"))
            owned[node["id"]] = (node["port"], sorted(shard["slots"]))
        self.assertEqual(owned, {node.id: (node.port, self.cluster.ranges_of(node)) for node in self.cluster.nodes})

    def test_keys_of_a_slot_are_counted_and_listed(self):
        keys = [f"{{slot}}:{number}" for number in range(5)]
        for key in keys:
            self.client.set(key, 1)
        slot = self.client.keyslot("slot")
        self.assertEqual(self.client.cluster_countkeysinslot(slot), 5)
        self.assertEqual(sorted(self.client.cluster_get_keys_in_slot(slot, 10)), keys)
        self.assertEqual(len(self.client.cluster_get_keys_in_slot(slot, 2)), 2)


class OnSeveralNodes(RedisPyCase):

    def test_keys_of_several_slots_are_refused_by_the_node(self):
        first, second = (key for key in resp.key_of_each_slot()[:2])
        with self.assertRaisesRegex(ResponseError, "CROSSSLOT|Keys in request don't hash to the same slot"):
            self.node_client(first).mget(first, second)
        transaction = self.node_client(first).pipeline(transaction=True)
        transaction.set(first, 1).set(second, 2).mset({first: 3, second: 4})
        with self.assertRaises(ResponseError):
            transaction.execute()
        self.assertIsNone(self.client.get(first))

    def test_a_stale_client_follows_moved(self):
        key = resp.key_of_each_slot()[0]
        wrong = self.cluster.nodes[2]
        right = self.client.get_node_from_key(key)
        self.client.nodes_manager.slots_cache[0] = [self.client.get_node(wrong.host, wrong.port)]
        self.assertTrue(self.client.set(key, "found"))
        self.assertEqual(self.client.get(key), "found")
        self.assertEqual(self.client.nodes_manager.get_node_from_slot(0), right)

    def test_slots_move_under_load_without_an_error(self):
        every_key = resp.key_of_each_slot()
        keys = every_key[::37]

        def load(number):
            missing = set()
            pipeline = self.client.pipeline()
            for key in keys:
                pipeline.set(key, number)
            self.assertEqual(set(pipeline.execute()), {True})
            for key in keys[number % 5::5]:
                value = self.client.get(key)
                if value is None:
                    missing.add(key)
                else:
                    self.assertEqual(value, str(number))
            return missing

        moved = self.move_slots_under_load(load)
        for number in range(10**6, 10**6 + 5):
            self.assertEqual(load(number), set(), "a key is missing although nothing moves any more")
        fresh = redis.RedisCluster(host="localhost", port=self.seed.port)
        self.addCleanup(fresh.close)
        for client in (self.client, fresh):
            pipeline = client.pipeline()
            for key in every_key[moved[0]:moved[-1] + 1]:
                pipeline.set(key, 1)
            self.assertEqual(set(pipeline.execute()), {True})
        for slot in moved:
            self.assertEqual(fresh.nodes_manager.get_node_from_slot(slot).port, self.cluster.nodes[1].port)


class ReadingFromReplicas(OnAnyCluster):
    """The same, with READONLY sent on every connection; there are no replicas, so masters answer the reads."""

    client_options = {"read_from_replicas": True}


class OnOneNode(RedisPyCase):

    def test_keys_of_several_slots_are_served_together(self):
        first, second = (key for key in resp.key_of_each_slot()[:2])
        client = self.node_client(first)
        self.assertTrue(client.mset({first: "1", second: "2"}))
        self.assertEqual(client.mget(first, second), ["1", "2"])
        transaction = client.pipeline(transaction=True)
        transaction.incr(first).incr(second)
        self.assertEqual(transaction.execute(), [2, 3])


if __name__ == "__main__":
    # It logs every redirection with a stack trace.
    logging.getLogger("redis.cluster").setLevel(logging.CRITICAL + 1)
    cluster_case.main([OnAnyCluster, ReadingFromReplicas], [OnSeveralNodes], [OnOneNode])
