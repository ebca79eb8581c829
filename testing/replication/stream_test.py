"""What reaches a replica: every kind of change, by a full sync and by the stream, with as many or other numbers of workers."""

import random
import threading
import time
import unittest

import nodes
from nodes import ReplicationCase, wait_in_step, wait_until

# Slots of their own, whatever the number of lanes.
_KEYS = [f"key:{i}" for i in range(60)]


def random_change(dice):
    """One command that writes, with few keys so that they meet."""
    key, other, third = dice.choice(_KEYS), dice.choice(_KEYS), dice.choice(_KEYS)
    number = dice.randrange(-1000, 1000)
    text = "v" * dice.choice((0, 1, 10, 100, 1000, 20000))
    return dice.choice((
        ("SET", key, text), ("SET", key, number), ("SET", key, text, "PX", dice.choice((1, 20, 100000))),
        ("SET", key, text, "KEEPTTL"), ("SETNX", key, text), ("SETEX", key, 1000, text), ("GETSET", key, text),
        ("MSET", key, text, other, number, third, text), ("MSETNX", key, text, other, number), ("GETDEL", key),
        ("GETEX", key, "PX", 50000), ("GETEX", key, "PERSIST"), ("APPEND", key, text), ("SETRANGE", key, dice.randrange(3000), text),
        ("INCR", key), ("INCRBY", key, number), ("DECRBY", key, number), ("INCRBYFLOAT", key, "0.5"), ("SETBIT", key, dice.randrange(9999), 1),
        ("BITFIELD", key, "SET", "u8", "#3", 200, "INCRBY", "i16", 100, 7, "OVERFLOW", "SAT", "INCRBY", "u4", 3, 9),
        ("BITOP", "XOR", key, other, third), ("BITOP", "NOT", key, other), ("DEL", key, other), ("UNLINK", key, third),
        ("EXPIRE", key, dice.choice((-1, 1, 1000))), ("PEXPIRE", key, dice.choice((1, 30, 100000))), ("PERSIST", key),
        ("EXPIREAT", key, int(time.time()) + 500), ("RENAME", key, other), ("RENAMENX", key, other), ("COPY", key, other, "REPLACE"),
        ("COPY", key, other, "DB", 2, "REPLACE"), ("MOVE", key, dice.randrange(4)), ("SELECT", dice.randrange(4)), ("TOUCH", key),
        ("GET", other)))


def random_commands(dice, count):
    commands = []
    while len(commands) < count:
        roll = dice.random()
        if roll < 0.1:
            commands += [("MULTI",), *(random_change(dice) for _ in range(dice.randrange(1, 6))), ("EXEC",)]
        elif roll < 0.103:
            commands.append(dice.choice((("FLUSHDB",), ("FLUSHALL",), ("SWAPDB", 0, 1), ("SWAPDB", 2, 3))))
        else:
            commands.append(random_change(dice))
    return commands


def write_randomly(node, seed, count):
    dice = random.Random(seed)
    with node.connect() as connection:
        for _ in range(0, count, 50):
            connection.call_all(random_commands(dice, 50))


class EachChange(ReplicationCase):
    """One of each, looked at by name; what is random comes below."""

    def setUp(self):
        super().setUp()
        self.master = self.node(threads=1)
        self.replica = self.replica_of(self.master, threads=4)

    def reaches(self, *commands):
        for words in commands:
            self.master.call(*words)
        self.assertEqual(self.master.call("WAIT", 1, 20000), 1)
        self.assert_equal_data(self.master, self.replica)

    def test_strings(self):
        self.reaches(("SET", "a", "text"), ("SET", "b", 12), ("APPEND", "a", " more"), ("APPEND", "b", "3"), ("INCRBY", "b", 5),
                     ("SETRANGE", "c", 100, "far"), ("GETDEL", "a"), ("MSET", "d", 1, "e", "two", "f", ""), ("INCRBYFLOAT", "d", "1.25"))
        self.assertEqual(self.replica.call("MGET", "a", "b", "d", "e", "f"), [None, "128", "2.25", "two", ""])
        self.assertEqual(self.replica.call("STRLEN", "c"), 103)
        self.assertEqual(self.replica.call("OBJECT", "ENCODING", "b"), self.master.call("OBJECT", "ENCODING", "b"))

    def test_bits(self):
        self.reaches(("SETBIT", "bits", 70000, 1), ("BITFIELD", "bits", "SET", "u16", 32, 999, "INCRBY", "u8", 8, 5),
                     ("BITOP", "NOT", "inverse", "bits"), ("BITOP", "AND", "nothing", "bits", "inverse"))
        self.assertEqual(self.replica.call("BITCOUNT", "inverse"), self.master.call("BITCOUNT", "inverse"))
        self.assertEqual(self.replica.call("GETBIT", "bits", 70000), 1)

    def test_names_over_slots(self):
        self.reaches(("SET", "from", "value", "PX", 500000), ("RENAME", "from", "to"), ("COPY", "to", "copy"), ("SET", "x", 1),
                     ("RENAMENX", "x", "y"))
        self.assertEqual(self.replica.call("MGET", "from", "to", "copy", "y"), [None, "value", "value", "1"])
        self.assertGreater(self.replica.call("PTTL", "to"), 0)

    def test_databases(self):
        self.reaches(("SET", "stays", 0), ("SET", "moves", 0), ("MOVE", "moves", 5), ("COPY", "stays", "copy", "DB", 9),
                     ("SELECT", 3), ("SET", "three", 3), ("SWAPDB", 3, 4), ("SELECT", 0))
        for database, keys in ((0, {"stays"}), (3, set()), (4, {"three"}), (5, {"moves"}), (9, {"copy"})):
            self.replica.call("SELECT", database)
            self.assertEqual(set(self.replica.call("KEYS", "*")), keys, database)
        self.reaches(("SELECT", 4), ("FLUSHDB",), ("SELECT", 0))
        self.assertEqual(self.replica.call("DBSIZE"), 1)
        self.reaches(("FLUSHALL",))
        self.replica.call("SELECT", 0)
        self.assertEqual(self.replica.call("DBSIZE"), 0)

    def test_transactions(self):
        self.reaches(("MULTI",), ("SET", "a", 1), ("INCR", "b"), ("RENAME", "a", "c"), ("EXEC",), ("MULTI",), ("SET", "never", 1), ("DISCARD",))
        self.assertEqual(self.replica.call("MGET", "a", "b", "c", "never"), [None, "1", "1", None])

    def test_big_values(self):
        megabytes = "m" * (5 << 20)
        self.reaches(("SET", "big", megabytes), ("APPEND", "big", "tail"), ("SETRANGE", "big", 1 << 20, "middle"), ("COPY", "big", "copy"))
        self.assertEqual(self.replica.call("STRLEN", "big"), (5 << 20) + 4)
        self.assertEqual(self.replica.call("GETRANGE", "big", 1 << 20, (1 << 20) + 5), "middle")

    def test_deadlines_are_copied_and_only_the_master_ends_keys(self):
        self.reaches(("SET", "soon", 1, "PX", 300), ("SET", "later", 1, "EX", 1000), ("SET", "persists", 1, "EX", 10), ("PERSIST", "persists"))
        self.assertGreater(self.replica.call("PTTL", "later"), 900000)
        self.assertEqual(self.replica.call("PTTL", "persists"), -1)
        self.assertEqual(self.replica.call("PEXPIRETIME", "later"), self.master.call("PEXPIRETIME", "later"))
        wait_until(lambda: self.master.call("DBSIZE") == 2, "the end of a key")
        self.assert_equal_data(self.master, self.replica)
        self.assertEqual(self.replica.call("DBSIZE"), 2)

    def test_a_replica_that_is_cut_off_keeps_what_has_expired_and_does_not_show_it(self):
        self.reaches(("SET", "soon", 1, "PX", 400))
        with self.master.frozen():
            nodes.pause(0.7)
            self.assertEqual(self.replica.call("GET", "soon"), None)
            self.assertEqual(self.replica.call("TTL", "soon"), -2)
            self.assertEqual(self.replica.call("EXISTS", "soon"), 0)
            self.assertEqual(self.replica.call("DBSIZE"), 1)
        wait_until(lambda: self.replica.call("DBSIZE") == 0, "the master's deletion")


class Random(ReplicationCase):
    """Several writers, each with its own random commands, that go on while a replica is attached."""

    def play(self, master_threads, replica_threads, value_bytes_before=0):
        master = self.node(threads=master_threads)
        write_randomly(master, seed=1, count=2000)
        if value_bytes_before:
            for i in range(3):
                master.call("SET", f"big:{i}", "b" * value_bytes_before)
        master.call("DEBUG", "POPULATE", 50000, "filler", 40)
        writers = [threading.Thread(target=write_randomly, args=(master, seed, 8000)) for seed in range(2, 5)]
        for writer in writers:
            writer.start()
        replica = self.node(threads=replica_threads)
        replica.replicate(master)
        wait_in_step(replica)
        late = self.replica_of(master, threads=2)
        for writer in writers:
            writer.join()
        self.assert_equal_data(master, replica, late)
        self.assertEqual(master.call("WAIT", 2, 20000), 2)
        # The same again from nothing: a full sync of what is there.
        self.assert_equal_data(master, self.replica_of(master, threads=3))

    def test_one_worker_to_four(self):
        self.play(1, 4)

    def test_four_workers_to_one(self):
        self.play(4, 1)

    def test_three_workers_to_two_with_big_values(self):
        self.play(3, 2, value_bytes_before=5 << 20)


class Waiting(ReplicationCase):

    def test_wait_counts_replicas_that_have_it_all(self):
        master = self.node()
        self.assertEqual(master.call("WAIT", 1, 0), 0)
        self.assertEqual(master.call("WAIT", 0, 0), 0)
        first, second = self.replica_of(master), self.replica_of(master)
        master.call("SET", "key", "1")
        self.assertEqual(master.call("WAIT", 2, 10000), 2)
        begin = time.monotonic()
        self.assertEqual(master.call("WAIT", 5, 10000), 2)
        self.assertLess(time.monotonic() - begin, 5, "more than there are: the time is not used up")
        with second.frozen():
            master.call("SET", "key", "2")
            begin = time.monotonic()
            self.assertEqual(master.call("WAIT", 2, 400), 1)
            self.assertGreaterEqual(time.monotonic() - begin, 0.35)
            self.assertEqual(master.call("WAIT", 1, 10000), 1)
            with master.connect() as connection:
                connection.call("MULTI")
                connection.call("WAIT", 2, 60000)
                begin = time.monotonic()
                (count,) = connection.call("EXEC")
                self.assertLess(time.monotonic() - begin, 5, "a transaction does not wait")
                self.assertLessEqual(count, 1)
        self.assertEqual(master.call("WAIT", 2, 10000), 2)
        self.assertEqual(second.call("GET", "key"), "2")
        self.assert_error("ERR WAIT cannot be used with replica instances.", first, "WAIT", 1, 100)

    def test_wait_is_for_the_writes_of_all_connections(self):
        master = self.node(threads=4)
        replica = self.replica_of(master)
        with master.connect() as one, master.connect() as two:
            for i in range(50):
                one.call("SET", f"key:{i}", i)
                self.assertEqual(two.call("WAIT", 1, 10000), 1)
                self.assertEqual(replica.call("GET", f"key:{i}"), str(i))

    def test_arguments_of_wait(self):
        master = self.node()
        self.assert_error("ERR value is not an integer or out of range", master, "WAIT", "x", 1)
        self.assert_error("ERR wrong number of arguments for 'wait' command", master, "WAIT", 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
