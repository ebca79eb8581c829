"""What client libraries rely on and hide: redirections, refusals and sharded messages, as the bytes say them."""

import cluster_case
import resp

_CROSSSLOT = "CROSSSLOT Keys in request don't hash to the same slot"


class WireCase(cluster_case.ClusterCase):

    def connect(self, node):
        connection = node.connect()
        self.addCleanup(connection.close)
        return connection

    def at_owner_of(self, key):
        return self.connect(self.cluster.owner_of(resp.slot_of(key)))

    def assert_refused(self, error, connection, *words):
        with self.assertRaises(resp.ReplyError) as raised:
            connection.call(*words)
        self.assertEqual(str(raised.exception), error)


class OnAnyCluster(WireCase):

    def test_every_node_says_that_it_is_part_of_a_cluster(self):
        for node in self.cluster.nodes:
            connection = self.connect(node)
            self.assertIn("cluster_enabled:1\r\n", connection.call("INFO", "cluster"))
            self.assertIn("redis_mode:cluster\r\n", connection.call("INFO", "server"))
            self.assertEqual(connection.call("HELLO", 3)["mode"], "cluster")

    def test_keyslot_looks_at_the_first_hash_tag_only(self):
        connection = self.connect(self.seed)
        for key in ("", "a", "{a}", "{a}b", "b{a}c", "{}a", "{}{a}", "a{", "a}", "{a", "a{b}{c}", "{{a}}", "}{a}", "k" * 999):
            self.assertEqual(connection.call("CLUSTER", "KEYSLOT", key), resp.slot_of(key), key)

    def test_masters_answer_readonly_readwrite_and_asking(self):
        connection = self.at_owner_of("a")
        commands = [("SET", "a", 1), ("READONLY", ), ("GET", "a"), ("READWRITE", ), ("ASKING", ), ("GET", "a")]
        self.assertEqual(connection.call_all(commands), ["OK", "OK", "1", "OK", "OK", "1"])

    def test_every_node_names_the_same_owners_and_only_itself_as_myself(self):
        for node in self.cluster.nodes:
            lines = [line.split(" ") for line in self.connect(node).call("CLUSTER", "NODES").splitlines()]
            self.assertEqual([line[0] for line in lines if line[2].startswith("myself,")], [node.id])
            self.assertEqual({line[2].removeprefix("myself,") for line in lines}, {"master"})
            owned = {line[0]: [tuple(map(int, (part + "-" + part).split("-")[:2])) for part in line[8:]] for line in lines}
            self.assertEqual(owned, {one.id: self.cluster.ranges_of(one) for one in self.cluster.nodes})
            self.assertEqual({line[1].split("@")[0] for line in lines},
                             {f"{one.host}:{one.port}" for one in self.cluster.nodes})

    def test_command_table_names_the_keys(self):
        connection = self.connect(self.seed)
        self.assertEqual(connection.call("COMMAND", "GETKEYS", "MSET", "a", 1, "b", 2), ["a", "b"])
        self.assertEqual(connection.call("COMMAND", "GETKEYS", "BITOP", "AND", "a", "b", "c"), ["a", "b", "c"])
        self.assertEqual([entry[3:6] for entry in connection.call("COMMAND", "INFO", "get", "mset", "bitop", "object|encoding")],
                         [[1, 1, 1], [1, -1, 2], [2, -1, 1], [2, 2, 1]])

    def test_sharded_messages_reach_the_subscribers_of_their_channel_alone(self):
        listener, other = self.at_owner_of("{a}1"), self.at_owner_of("{b}1")
        self.assertEqual(listener.call("SSUBSCRIBE", "{a}1", "{a}2"), ["ssubscribe", "{a}1", 1])
        self.assertEqual(listener.read(), ["ssubscribe", "{a}2", 2])
        self.assertEqual(other.call("SSUBSCRIBE", "{b}1"), ["ssubscribe", "{b}1", 1])
        publisher = self.at_owner_of("{a}1")
        self.assertEqual(publisher.call("SPUBLISH", "{a}2", "hello"), 1)
        self.assertEqual(publisher.call("SPUBLISH", "{a}3", "nobody hears"), 0)
        self.assertEqual(listener.read(), ["smessage", "{a}2", "hello"])
        self.assertEqual(sorted(publisher.call("PUBSUB", "SHARDCHANNELS", "{a}*")), ["{a}1", "{a}2"])
        self.assertEqual(publisher.call("PUBSUB", "SHARDNUMSUB", "{a}1", "{a}3"), ["{a}1", 1, "{a}3", 0])
        self.assertEqual(listener.call("SUNSUBSCRIBE", "{a}1"), ["sunsubscribe", "{a}1", 1])

    def test_messages_reach_the_subscribers_on_the_same_node(self):
        listener, publisher = self.connect(self.seed), self.connect(self.seed)
        self.assertEqual(listener.call("SUBSCRIBE", "news"), ["subscribe", "news", 1])
        self.assertEqual(publisher.call("PUBLISH", "news", "hello"), 1)
        self.assertEqual(listener.read(), ["message", "news", "hello"])
        if self.cluster.plain_messages_reach_all_nodes:
            self.connect(self.cluster.nodes[0]).call("PUBLISH", "news", "again")
            self.assertEqual(listener.read(), ["message", "news", "again"])


class OnSeveralNodes(WireCase):

    def test_other_keys_are_redirected_to_their_owner(self):
        keys = resp.key_of_each_slot()
        for node in self.cluster.nodes:
            replies = self.connect(node).call_all([("SET", key, 1) for key in keys])
            for slot, reply in enumerate(replies):
                owner = self.cluster.owner_of(slot)
                self.assertEqual(str(reply), "OK" if owner is node else f"MOVED {slot} {owner.host}:{owner.port}")

    def test_keys_of_several_slots_are_refused_wherever_they_belong(self):
        keys = resp.key_of_each_slot()
        for node in self.cluster.nodes:
            connection = self.connect(node)
            for other in (1, 8000, 16383):
                self.assert_refused(_CROSSSLOT, connection, "MSET", keys[0], 1, keys[other], 2)

    def test_a_transaction_with_a_redirected_command_is_thrown_away(self):
        slot = resp.slot_of("a")
        owner = self.cluster.owner_of(slot)
        other = next(node for node in self.cluster.nodes if node is not owner)
        connection = self.connect(other)
        self.assertEqual(connection.call("MULTI"), "OK")
        self.assert_refused(f"MOVED {slot} {owner.host}:{owner.port}", connection, "SET", "a", 1)
        self.assert_refused("EXECABORT Transaction discarded because of previous errors.", connection, "EXEC")

    def test_only_database_0_can_be_selected(self):
        connection = self.connect(self.seed)
        self.assertEqual(connection.call("SELECT", 0), "OK")
        self.assert_refused("ERR SELECT is not allowed in cluster mode", connection, "SELECT", 1)

    def test_sharded_channels_are_redirected_and_refused_like_keys(self):
        slot = resp.slot_of("a")
        owner = self.cluster.owner_of(slot)
        connection = self.connect(next(node for node in self.cluster.nodes if node is not owner))
        for words in (("SSUBSCRIBE", "a"), ("SPUBLISH", "a", "hello")):
            self.assert_refused(f"MOVED {slot} {owner.host}:{owner.port}", connection, *words)
        self.assert_refused(_CROSSSLOT, connection, "SSUBSCRIBE", "a", "b")

    def test_what_hung_on_moved_slots_is_told_and_their_keys_are_gone(self):
        source, target = self.cluster.nodes[:2]
        first = self.cluster.ranges_of(source)[0][0]
        last = first + 999
        moved, kept = resp.key_of_each_slot()[last], resp.key_of_each_slot()[last + 1]
        listener, transaction = self.connect(source), self.connect(source)
        self.assertEqual(transaction.call_all([("SET", moved, 1), ("SET", kept, 1)]), ["OK", "OK"])
        self.assertEqual(transaction.call_all([("MULTI", ), ("INCR", moved)]), ["OK", "QUEUED"])
        self.assertEqual(listener.call("SSUBSCRIBE", moved), ["ssubscribe", moved, 1])
        self.assertEqual(listener.call("SSUBSCRIBE", kept), ["ssubscribe", kept, 2])
        self.cluster.move_slots(first, last, target)
        redirection = f"MOVED {last} {target.host}:{target.port}"
        self.assertEqual(listener.read(), ["sunsubscribe", moved, 1])
        self.assert_refused(redirection, transaction, "EXEC")
        self.assertEqual(self.connect(source).call("DBSIZE"), 1)
        at_target = self.connect(target)
        self.assertIsNone(at_target.call("GET", moved))
        self.assertEqual(self.connect(source).call("GET", kept), "1")
        self.assert_refused(redirection, self.connect(source), "GET", moved)
        self.assertEqual(at_target.call("SSUBSCRIBE", moved), ["ssubscribe", moved, 1])


class OnOneNode(WireCase):

    def test_keys_and_channels_of_several_slots_are_served_together(self):
        connection = self.connect(self.seed)
        self.assertEqual(connection.call("MSET", "a", 1, "b", 2), "OK")
        self.assertEqual(connection.call("MGET", "a", "b"), ["1", "2"])
        self.assertEqual(connection.call_all([("MULTI", ), ("INCR", "a"), ("INCR", "b"), ("EXEC", )])[-1], [2, 3])
        self.assertEqual(connection.call("SSUBSCRIBE", "a", "b"), ["ssubscribe", "a", 1])
        self.assertEqual(connection.read(), ["ssubscribe", "b", 2])


if __name__ == "__main__":
    cluster_case.main([OnAnyCluster], [OnSeveralNodes], [OnOneNode])
