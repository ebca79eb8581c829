"""A replica that is attached: what it and its master say of it, what is refused with which words, and what clients see while
it is filled."""

import subprocess
import threading
import unittest

import redis

import nodes
from nodes import LOADING, READONLY, ReplicationCase, ReplyError, wait_in_step, wait_until


class Attaching(ReplicationCase):

    def test_two_replicas_are_filled_and_follow(self):
        master = self.node(threads=4)
        master.call("MSET", *[word for i in range(1000) for word in (f"key:{i}", f"value {i}")])
        replicas = [self.replica_of(master), self.replica_of(master)]
        for replica in replicas:
            self.assertEqual(replica.call("GET", "key:77"), "value 77")
        master.call("SET", "later", "1")
        self.assertEqual(master.call("WAIT", 2, 10000), 2)
        for replica in replicas:
            self.assertEqual(replica.call("GET", "later"), "1")
        self.assert_equal_data(master, *replicas)

    def test_writes_on_a_replica_are_refused_and_reads_are_not(self):
        master = self.node()
        master.call("SET", "key", "value")
        replica = self.replica_of(master)
        for words in (("SET", "key", "x"), ("DEL", "key"), ("FLUSHALL",), ("EXPIRE", "key", 10), ("MSET", "a", 1, "b", 2),
                      ("GETSET", "key", "x"), ("APPEND", "key", "x"), ("RENAME", "key", "other"), ("SWAPDB", 0, 1)):
            self.assert_error(READONLY, replica, *words)
        with replica.connect() as connection:
            connection.call("MULTI")
            with self.assertRaisesRegex(ReplyError, "^READONLY"):
                connection.call("SET", "key", "x")
            with self.assertRaisesRegex(ReplyError, "^EXECABORT"):
                connection.call("EXEC")
            connection.call("READONLY")
        self.assertEqual(replica.call("GET", "key"), "value")
        self.assertEqual(replica.call("EXISTS", "key"), 1)

    def test_a_replica_drops_what_it_had(self):
        master = self.node()
        master.call("SET", "theirs", "1")
        replica = self.node()
        replica.call("SET", "mine", "1")
        replica.call("SELECT", 3)
        replica.call("SET", "mine too", "1")
        replica.replicate(master)
        wait_in_step(replica)
        self.assertEqual(replica.call("SELECT", 0), "OK")
        self.assertEqual(replica.call("KEYS", "*"), ["theirs"])
        self.assert_equal_data(master, replica)

    def test_a_new_master_replaces_the_old_one(self):
        first, second = self.node(), self.node()
        first.call("SET", "of", "first")
        second.call("SET", "of", "second")
        replica = self.replica_of(first)
        replica.replicate(second)
        wait_until(lambda: replica.is_in_step() and replica.call("GET", "of") == "second", "the second master's data")
        wait_until(lambda: first.info()["connected_slaves"] == "0", "the first master without a replica")
        first.call("SET", "of", "nobody")
        nodes.pause(0.3)
        self.assertEqual(replica.call("GET", "of"), "second")

    def test_replicaof_no_one_keeps_the_data_and_takes_writes(self):
        master = self.node()
        master.call("SET", "key", "value")
        replica = self.replica_of(master)
        old_id = replica.info()["master_replid"]
        self.assertEqual(replica.call("REPLICAOF", "NO", "ONE"), "OK")
        self.assertEqual(replica.call("REPLICAOF", "no", "one"), "OK")
        info = replica.info()
        self.assertEqual(info["role"], "master")
        self.assertNotEqual(info["master_replid"], old_id)
        self.assertEqual(replica.call("GET", "key"), "value")
        self.assertEqual(replica.call("SET", "key", "mine"), "OK")
        wait_until(lambda: master.info()["connected_slaves"] == "0", "the master without a replica")
        master.call("SET", "key", "theirs")
        nodes.pause(0.3)
        self.assertEqual(replica.call("GET", "key"), "mine")

    def test_a_link_that_broke_is_made_again_without_a_full_sync(self):
        master = self.node()
        master.call("SET", "key", "1")
        replica = self.replica_of(master)
        successes = int(replica.info()["psync_successes"])
        self.assertGreaterEqual(master.call("CLIENT", "KILL", "TYPE", "replica"), 1)
        master.call("SET", "key", "2")
        wait_until(lambda: int(replica.info()["psync_successes"]) > successes and replica.is_in_step(), "a partial sync")
        self.assert_equal_data(master, replica)

    def test_without_partial_sync_a_link_that_broke_costs_a_full_one(self):
        master = self.node()
        master.call("SET", "key", "1")
        replica = self.replica_of(master, "--replica_partial_sync=no")
        master.call("CLIENT", "KILL", "TYPE", "replica")
        master.call("SET", "key", "2")
        wait_until(lambda: replica.is_in_step() and replica.call("GET", "key") == "2", "the change")
        self.assertEqual(replica.info()["psync_successes"], "0")

    def test_a_replica_that_missed_more_than_the_backlog_keeps_is_filled_anew(self):
        master = self.node("--shard_repl_backlog_max_bytes=16kb")
        master.call("SET", "key", "1")
        replica = self.replica_of(master)
        with replica.frozen():  # It takes nothing, as if far away.
            master.call("CLIENT", "KILL", "TYPE", "replica")
            for i in range(200):
                master.call("SET", f"key:{i}", "x" * 1000)
        self.assert_equal_data(master, replica)
        self.assertEqual(replica.info()["psync_successes"], "0")

    def test_a_replica_from_the_start_waits_for_its_master(self):
        master = self.make()
        replica = self.node(f"--replicaof=127.0.0.1:{master.port}")
        info = replica.info()
        self.assertEqual((info["role"], info["master_link_status"]), ("slave", "down"))
        self.assertEqual((info["master_host"], info["master_port"]), ("127.0.0.1", str(master.port)))
        self.assert_error(READONLY, replica, "SET", "key", "x")
        master.start()
        master.call("SET", "key", "value")
        wait_in_step(replica)
        wait_until(lambda: replica.answer("GET", "key") == "value", "the master's data")

    def test_a_master_that_restarts_is_followed_again(self):
        master = self.node()
        master.call("SET", "before", "1")
        replica = self.replica_of(master)
        first_id = replica.info()["master_replid"]
        self.assertEqual(master.stop(), 0)
        wait_until(lambda: replica.info()["master_link_status"] == "down", "the link down")
        self.assertEqual(replica.call("GET", "before"), "1")
        self.assertIn("slave_repl_offset", replica.info())
        master.start()
        master.call("SET", "after", "1")
        wait_until(lambda: replica.is_in_step() and replica.answer("GET", "after") == "1", "the new life's data")
        self.assertNotEqual(replica.info()["master_replid"], first_id)
        self.assertEqual(replica.call("EXISTS", "before"), 0)

    def test_the_password_of_the_master(self):
        master = self.node(password="secret")
        master.call("SET", "key", "value")
        stranger = self.node()
        stranger.call("SET", "mine", "1")
        self.assert_error_begins("ERR could not greet master ", stranger, "REPLICAOF", "127.0.0.1", master.port)
        stranger.call("CONFIG", "SET", "masterauth", "wrong")
        self.assert_error_begins("ERR could not ", stranger, "REPLICAOF", "127.0.0.1", master.port)
        self.assertEqual((stranger.info()["role"], stranger.call("GET", "mine")), ("master", "1"))
        stranger.call("CONFIG", "SET", "masterauth", "secret")
        stranger.replicate(master)
        wait_in_step(stranger)
        self.assertEqual(stranger.call("GET", "key"), "value")
        friend = self.node("--masterauth=secret", "--masteruser=default", f"--replicaof=127.0.0.1:{master.port}")
        wait_in_step(friend)
        self.assertEqual(friend.call("GET", "key"), "value")


class Refusing(ReplicationCase):

    def assert_still_master(self, node):
        self.assertEqual(node.info()["role"], "master")
        self.assertEqual(node.call("GET", "mine"), "1")
        self.assertEqual(node.call("SET", "mine", "1"), "OK")

    def test_arguments(self):
        node = self.node()
        node.call("SET", "mine", "1")
        for port in ("0", "65536", "99999999999"):
            self.assert_error("ERR port is out of range", node, "REPLICAOF", "127.0.0.1", port)
        for slots in (("5",), ("5", "4"), ("0", "16384"), ("-1", "5"), ("a", "5")):
            self.assert_error("ERR Invalid slot range", node, "REPLICAOF", "127.0.0.1", "6379", *slots)
        self.assert_error("ERR syntax error", node, "REPLICAOF", "127.0.0.1", "6379", "0", "5", "6")
        self.assert_error("ERR wrong number of arguments for 'replicaof' command", node, "REPLICAOF", "127.0.0.1")
        self.assert_error("ERR wrong number of arguments for 'slaveof' command", node, "SLAVEOF", "127.0.0.1", "1", "0", "5")
        self.assert_error("ERR Calling ADDREPLICAOFF allowed only after server is already a replica", node,
                          "ADDREPLICAOF", "127.0.0.1", "6379", "0", "5")
        self.assert_error("ERR wrong number of arguments for 'addreplicaof' command", node, "ADDREPLICAOF", "127.0.0.1", "1")
        self.assert_still_master(node)

    def test_masters_that_cannot_be_reached(self):
        node = self.node()
        node.call("SET", "mine", "1")
        port = nodes.clusters.free_ports(1)[0]
        self.assert_error_begins("ERR could not connect to master: ", node, "REPLICAOF", "127.0.0.1", port)
        # A label of a name has at most 63 characters: no server is asked for it.
        self.assert_error_begins("ERR could not resolve master dns", node, "REPLICAOF", "a" * 70 + ".invalid", port)
        self.assert_still_master(node)

    def test_masters_that_are_none(self):
        node, master = self.node(), self.node()
        node.call("SET", "mine", "1")
        self.assert_error_begins("ERR could not greet master ", node, "REPLICAOF", "127.0.0.1", node.port)
        self.assert_still_master(node)
        replica = self.replica_of(master)
        self.assert_error_begins("ERR could not greet master ", node, "REPLICAOF", "127.0.0.1", replica.port)
        self.assertIn("Replicating a replica is unsupported", node.answer("REPLICAOF", "127.0.0.1", replica.port))
        self.assert_still_master(node)

    def test_a_failed_replicaof_leaves_the_old_link_alone(self):
        master = self.node()
        replica = self.replica_of(master)
        port = nodes.clusters.free_ports(1)[0]
        self.assert_error_begins("ERR could not connect to master: ", replica, "REPLICAOF", "127.0.0.1", port)
        self.assertEqual(replica.info()["master_port"], str(master.port))
        master.call("SET", "key", "value")
        self.assertEqual(master.call("WAIT", 1, 10000), 1)
        self.assertEqual(replica.call("GET", "key"), "value")

    def test_inside_a_transaction_it_works(self):
        master = self.node()
        replica = self.node()
        with replica.connect() as connection:
            connection.call("MULTI")
            connection.call("REPLICAOF", "127.0.0.1", master.port)
            self.assertEqual(connection.call("EXEC"), ["OK"])
        wait_in_step(replica)


class Telling(ReplicationCase):

    def test_info_and_role_of_both_sides(self):
        master = self.node()
        info = master.info()
        self.assertEqual((info["role"], info["connected_slaves"]), ("master", "0"))
        self.assertRegex(info["master_replid"], r"\A[0-9a-f]{40}\Z")
        self.assertEqual(master.call("ROLE"), ["master", []])
        replica = self.replica_of(master)
        info = master.info()
        self.assertEqual(info["connected_slaves"], "1")
        self.assertRegex(info["slave0"], rf"\Aip=127\.0\.0\.1,port={replica.port},state=online,lag=\d+,lag_bytes=\d+\Z")
        self.assertEqual(master.call("ROLE"), ["master", [["127.0.0.1", str(replica.port), "online"]]])
        info = replica.info()
        wanted = {"role": "slave", "master_host": "127.0.0.1", "master_port": str(master.port), "master_link_status": "up",
                  "master_sync_in_progress": "0", "slave_read_only": "1", "slave_priority": "100",
                  "master_replid": master.info()["master_replid"]}
        self.assertEqual({name: info.get(name) for name in wanted}, wanted)
        self.assertRegex(info["slave_repl_offset"], r"\A\d+\Z")
        self.assertLess(int(info["master_last_io_seconds_ago"]), 10)
        self.assertEqual(replica.call("ROLE"), ["slave", "127.0.0.1", str(master.port), "online"])

    def test_info_before_the_master_is_there_has_no_offset(self):
        port = nodes.clusters.free_ports(1)[0]
        replica = self.node(f"--replicaof=127.0.0.1:{port}")
        self.assertNotIn("slave_repl_offset", replica.info())
        self.assertEqual(replica.call("ROLE"), ["slave", "127.0.0.1", str(port), "connecting"])

    def test_the_words_without_compatibility(self):
        master = self.node("--info_replication_valkey_compatible=no")
        replica = self.replica_of(master, "--info_replication_valkey_compatible=no")
        self.assertEqual(master.call("ROLE"), ["master", [["127.0.0.1", str(replica.port), "stable_sync"]]])
        self.assertEqual(replica.call("ROLE")[0], "replica")

    def test_the_announced_address_is_shown(self):
        master = self.node()
        replica = self.replica_of(master, "--replica_announce_ip=10.9.8.7", "--announce_port=7654", "--replica_priority=7")
        self.assertEqual(master.call("ROLE"), ["master", [["10.9.8.7", "7654", "online"]]])
        self.assertEqual(replica.info()["slave_priority"], "7")

    def test_client_lists_by_type(self):
        master = self.node()
        replica = self.replica_of(master)
        lines = master.call("CLIENT", "LIST", "TYPE", "replica").splitlines()
        self.assertGreaterEqual(len(lines), 1)
        for line in lines:
            self.assertRegex(line, r"\bflags=\w*S")
        self.assertNotIn("flags=S", master.call("CLIENT", "LIST", "TYPE", "normal"))
        (line,) = replica.call("CLIENT", "LIST", "TYPE", "master").splitlines()
        self.assertRegex(line, r"\bflags=\w*M")
        number = dict(word.split("=", 1) for word in line.split() if "=" in word)["id"]
        self.assert_error("ERR Cannot kill master link; use REPLICAOF NO ONE", replica, "CLIENT", "KILL", "ID", number)
        self.assertTrue(replica.is_in_step())

    def test_redis_py_reads_it_all(self):
        master = self.node()
        replica = self.replica_of(master)
        at_master, at_replica = (redis.Redis(port=node.port) for node in (master, replica))
        info = at_master.info("replication")
        self.assertEqual((info["role"], info["connected_slaves"]), ("master", 1))
        self.assertEqual({name: info["slave0"][name] for name in ("ip", "port", "state")},
                         {"ip": "127.0.0.1", "port": replica.port, "state": "online"})
        info = at_replica.info("replication")
        self.assertEqual((info["role"], info["master_link_status"], info["master_port"]), ("slave", "up", master.port))
        self.assertEqual(at_master.role(), [b"master", [[b"127.0.0.1", str(replica.port).encode(), b"online"]]])
        self.assertEqual(at_master.wait(1, 5000), 1)
        self.assertEqual(len(at_replica.client_list(_type="master")), 1)
        self.assertGreaterEqual(len(at_master.client_list(_type="replica")), 1)
        with self.assertRaises(redis.exceptions.ReadOnlyError):
            at_replica.set("key", "x")
        self.assertTrue(at_replica.slaveof())
        self.assertTrue(at_replica.set("key", "x"))

    def test_redis_cli_shows_roles(self):
        master = self.node()
        replica = self.replica_of(master)
        cli = lambda node: subprocess.run(["redis-cli", "-p", str(node.port), "--csv", "role"], check=True, encoding="utf-8",
                                          stdout=subprocess.PIPE, timeout=20).stdout.strip()
        self.assertEqual(cli(master), f'"master","127.0.0.1","{replica.port}","online"')
        self.assertEqual(cli(replica), f'"slave","127.0.0.1","{master.port}","online"')


class Filling(ReplicationCase):
    """What clients of a replica see while it is filled again and again, and the master is written to."""

    KEYS = 200000
    PAIRS = 300

    def test_half_of_the_data_is_never_seen(self):
        master = self.node()
        master.call("DEBUG", "POPULATE", self.KEYS, "filler", 64)
        master.call("MSET", *[word for i in range(self.PAIRS) for word in (f"a:{i}", 0, f"b:{i}", 0)])
        replica = self.replica_of(master)
        stop = threading.Event()
        failures, loading, seen = [], [0], [0]

        def write():
            with master.connect() as connection:
                number = 0
                while not stop.is_set():
                    number += 1
                    connection.call_all([("MSET", f"a:{i}", number, f"b:{i}", number) for i in range(self.PAIRS)])

        def read():
            with replica.connect() as connection:
                number = 0
                while not stop.is_set():
                    number = (number + 1) % self.PAIRS
                    try:
                        pair = connection.call("MGET", f"a:{number}", f"b:{number}")
                    except ReplyError as error:
                        loading[0] += 1
                        if str(error) != LOADING:
                            failures.append(str(error))
                        continue
                    seen[0] += 1
                    if pair[0] is None or pair[0] != pair[1]:
                        failures.append(pair)

        threads = [threading.Thread(target=write), threading.Thread(target=read), threading.Thread(target=read)]
        for thread in threads:
            thread.start()
        try:
            replica.call("CONFIG", "SET", "replica-partial-sync", "no")
            for _ in range(4):
                before = loading[0]
                master.call("CLIENT", "KILL", "TYPE", "replica")
                wait_until(lambda before=before: loading[0] > before, "a refusal while it is filled")
                wait_in_step(replica)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures[:5], [])
        self.assertGreater(loading[0], 0)
        self.assertGreater(seen[0], 0)
        self.assert_equal_data(master, replica)

    def test_a_master_that_gives_no_answer_is_given_up(self):
        master, node = self.node(), self.node("--master_connect_timeout_ms=500")
        node.call("SET", "mine", "1")
        with master.frozen():
            self.assert_error_begins("ERR could not ", node, "REPLICAOF", "127.0.0.1", master.port)
        self.assertEqual((node.info()["role"], node.call("GET", "mine")), ("master", "1"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
