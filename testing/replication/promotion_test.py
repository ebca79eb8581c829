"""A replica that becomes the master: by REPLICAOF NO ONE, by takeover, and what becomes of its siblings and of the old master."""

import json
import threading
import unittest

import nodes
import resp
from nodes import READONLY, ReplicationCase, ReplyError, wait_in_step, wait_until


def config(master, *replicas, first=0, last=resp.SLOT_COUNT - 1):
    """The configuration of one shard of nodes that were given ids of the form id-PORT."""
    entry = lambda node: {"id": f"id-{node.port}", "ip": "127.0.0.1", "port": node.port}
    return {"slot_ranges": [{"start": first, "end": last}], "master": entry(master), "replicas": list(map(entry, replicas))}


class Siblings(ReplicationCase):

    def test_siblings_follow_a_promoted_replica_without_a_full_sync(self):
        master = self.node(threads=3)
        master.call("DEBUG", "POPULATE", 5000)
        heir, sibling = self.replica_of(master, threads=2), self.replica_of(master, threads=1)
        master.call("MSET", "a", 1, "b", 2, "c", 3)
        self.assertEqual(master.call("WAIT", 2, 10000), 2)
        old_id = sibling.info()["master_replid"]
        self.assertEqual(heir.call("REPLICAOF", "NO", "ONE"), "OK")
        heir.call("SET", "after", "promotion")
        successes = int(sibling.info()["psync_successes"])
        sibling.replicate(heir)
        # No moment without the data: what is loading would be refused.
        while not sibling.is_in_step():
            self.assertEqual(sibling.call("GET", "a"), "1")
        self.assertEqual(int(sibling.info()["psync_successes"]), successes + 1)
        self.assertNotEqual(sibling.info()["master_replid"], old_id)
        wait_until(lambda: sibling.call("GET", "after") == "promotion", "the new master's write")
        self.assert_equal_data(heir, sibling)

    def test_a_sibling_with_more_than_the_promoted_replica_is_filled_anew(self):
        master = self.node(threads=2)
        heir, sibling = self.replica_of(master, threads=2), self.replica_of(master, threads=2)
        with heir.frozen():
            master.call("SET", "ahead", "1")
            self.assertEqual(master.call("WAIT", 1, 10000), 1)
            master.kill()
            self.ended_on_purpose.add(master)
        heir.call("REPLICAOF", "NO", "ONE")
        successes = int(sibling.info()["psync_successes"])
        sibling.replicate(heir)
        wait_in_step(sibling)
        self.assert_equal_data(heir, sibling)
        if heir.call("EXISTS", "ahead") == 0:  # It may have had the bytes already, and applied them when it woke.
            self.assertEqual(int(sibling.info()["psync_successes"]), successes)

    def test_the_old_master_becomes_a_replica_of_the_new_one(self):
        master = self.node()
        master.call("SET", "key", "1")
        heir = self.replica_of(master)
        heir.call("REPLICAOF", "NO", "ONE")
        master.call("SET", "only the old one", "1")
        heir.call("SET", "only the new one", "1")
        master.replicate(heir)
        wait_in_step(master)
        self.assert_equal_data(heir, master)
        self.assertEqual(master.call("EXISTS", "only the old one"), 0)
        self.assert_error(READONLY, master, "SET", "key", "2")


class Takeover(ReplicationCase):

    def test_arguments(self):
        master = self.node()
        replica = self.replica_of(master)
        self.assert_error("ERR timeout is negative", replica, "REPLTAKEOVER", "-1")
        self.assert_error("ERR Unsupported option:FOO", replica, "REPLTAKEOVER", "1", "FOO")
        self.assert_error("ERR value is not an integer or out of range", replica, "REPLTAKEOVER", "x")
        self.assert_error("ERR wrong number of arguments for 'repltakeover' command", replica, "REPLTAKEOVER")
        self.assertEqual(master.call("REPLTAKEOVER", "1"), "OK")
        self.assertEqual(master.call("SET", "key", "1"), "OK")
        self.assertTrue(replica.is_in_step())

    def test_before_the_sync_it_is_refused(self):
        port = nodes.clusters.free_ports(1)[0]
        replica = self.node(f"--replicaof=127.0.0.1:{port}")
        self.assert_error("ERR Full sync not done", replica, "REPLTAKEOVER", "1")

    def take_over_under_load(self, *flags):
        """Every acknowledged write is with the new master. Returns (old master, new master, a sibling)."""
        master = self.node(*flags, threads=3)
        heir, sibling = self.replica_of(master, *flags), self.replica_of(master, *flags)
        acknowledged = [0] * 4
        ends = [""] * 4

        def write(number):
            try:
                with master.connect() as connection:
                    while True:
                        connection.call("SET", f"counter:{number}", acknowledged[number] + 1)
                        acknowledged[number] += 1
            except (ReplyError, OSError) as error:
                ends[number] = str(error)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        wait_until(lambda: min(acknowledged) > 200, "writes")
        self.assertEqual(heir.call("REPLTAKEOVER", "10"), "OK")
        for writer in writers:
            writer.join(timeout=30)
        for number in range(4):
            # A write whose answer was lost may be there, too.
            self.assertIn(int(heir.call("GET", f"counter:{number}")), (acknowledged[number], acknowledged[number] + 1))
        self.assertEqual(heir.info()["role"], "master")
        self.assertEqual(heir.call("SET", "new", "master"), "OK")
        return master, heir, sibling

    def test_without_cluster_mode_the_old_master_ends(self):
        master, heir, sibling = self.take_over_under_load()
        self.ended_on_purpose.add(master)
        self.assertEqual(master.wait(), 0)
        successes = int(sibling.info()["psync_successes"])
        sibling.replicate(heir)
        wait_in_step(sibling)
        self.assertEqual(int(sibling.info()["psync_successes"]), successes + 1)
        self.assert_equal_data(heir, sibling)
        self.assertEqual(heir.call("REPLTAKEOVER", "1"), "OK")

    def test_in_emulated_mode_it_ends_too(self):
        master, heir, _ = self.take_over_under_load("--cluster_mode=emulated")
        self.ended_on_purpose.add(master)
        self.assertEqual(master.wait(), 0)
        self.assertEqual(heir.call("GET", "new"), "master")

    def test_a_replica_that_does_not_answer_gives_the_master_back(self):
        master = self.node()
        replica = self.replica_of(master)
        master.call("SET", "key", "1")
        self.assertEqual(master.call("WAIT", 1, 10000), 1)
        # A takeover in whose time the master does not get to answer.
        answers = []
        with replica.connect() as connection:
            takeover = threading.Thread(target=lambda: answers.extend(connection.call_all([("REPLTAKEOVER", "0")])))
            with master.frozen():
                takeover.start()
                nodes.pause(1.0)
            takeover.join()
        answer = answers[0]
        if isinstance(answer, ReplyError):
            self.assertRegex(str(answer), "^ERR Couldn't execute takeover: ")
            self.assertEqual(master.call("SET", "key", "2"), "OK")
            self.assertEqual(replica.info()["role"], "slave")
        else:
            self.ended_on_purpose.add(master)
            self.assertEqual(master.wait(), 0)
            self.assertEqual(replica.call("SET", "key", "2"), "OK")


class ClusterTakeover(ReplicationCase):

    def setUp(self):
        super().setUp()
        ports = nodes.clusters.free_ports(3)
        self.master, self.heir, self.sibling = (
            self.node("--cluster_mode=yes", f"--cluster_node_id=id-{port}", port=port) for port in ports)

    def push(self, *shards, to=None):
        for node in to or (self.master, self.heir, self.sibling):
            self.assertEqual(node.call("DFLYCLUSTER", "CONFIG", json.dumps(shards)), "OK")

    def test_the_old_master_stays_and_redirects(self):
        self.push(config(self.master, self.heir, self.sibling))
        self.master.call("SET", "greeting", "hello")
        for replica in (self.heir, self.sibling):
            replica.replicate(self.master)
            wait_in_step(replica)
        self.assertEqual(self.heir.call("GET", "greeting"), "hello")
        self.assertEqual(self.heir.call("REPLTAKEOVER", "10"), "OK")
        self.assertEqual(self.heir.call("SET", "greeting", "hi"), "OK")
        self.assertEqual(self.heir.call("CLUSTER", "SLOTS")[0][2][1], self.heir.port)
        slot = resp.slot_of("greeting")
        # It redirects once it has seen its replica hang up.
        wait_until(lambda: self.error_of(self.master, "GET", "greeting").startswith("MOVED"), "the redirection")
        self.assert_error(f"MOVED {slot} 127.0.0.1:{self.heir.port}", self.master, "GET", "greeting")
        self.assert_error(f"MOVED {slot} 127.0.0.1:{self.heir.port}", self.master, "SET", "greeting", "lost")
        self.assertEqual(self.master.call("PING"), "PONG")
        # The others learn nothing until a configuration is pushed; a sibling then goes on from where it is.
        successes = int(self.sibling.info()["psync_successes"])
        self.sibling.replicate(self.heir)
        wait_in_step(self.sibling)
        self.assertEqual(int(self.sibling.info()["psync_successes"]), successes + 1)
        self.push(config(self.heir, self.sibling))
        self.master.replicate(self.heir)
        wait_in_step(self.master)
        self.push(config(self.heir, self.sibling, self.master))
        self.heir.call("SET", "greeting", "bonjour")
        self.assertEqual(self.heir.call("WAIT", 2, 10000), 2)
        for node in (self.master, self.sibling):
            self.assertEqual(node.call("GET", "greeting"), "bonjour")
            self.assert_error(READONLY, node, "SET", "greeting", "x")

    def test_a_replica_answers_by_its_own_configuration(self):
        half = resp.SLOT_COUNT // 2
        self.push(config(self.master, self.heir, last=half - 1), config(self.sibling, first=half))
        keys = resp.key_of_each_slot()
        self.master.call("SET", keys[10], "value")
        self.heir.replicate(self.master)
        wait_in_step(self.heir)
        self.assertEqual(self.heir.call("GET", keys[10]), "value")
        self.assert_error(f"MOVED {half} 127.0.0.1:{self.sibling.port}", self.heir, "GET", keys[half])
        # A slot that the master loses is deleted there; the replica follows, and redirects by what it was told itself.
        shards = config(self.master, self.heir, first=100, last=half - 1), config(self.sibling, first=half)
        shards[1]["slot_ranges"].append({"start": 0, "end": 99})
        self.push(*shards, to=(self.sibling, self.master))
        wait_until(lambda: self.heir.call("DBSIZE") == 0, "the deletion at the replica")
        self.push(*shards, to=(self.heir,))
        self.assert_error(f"MOVED 10 127.0.0.1:{self.sibling.port}", self.heir, "GET", keys[10])


if __name__ == "__main__":
    unittest.main(verbosity=2)
