"""Where servers are put, how they are started, and what is said to them."""

import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
import unittest

from compare import client, driver, servers
from compare.bench import turn
from compare.footprint import SLOW_US, slowest_us


class PlaceTest(unittest.TestCase):
    def test_servers_and_generator_have_cores_of_their_own(self):
        layout = servers.place({3, 5}, 1, 1)
        self.assertEqual((layout.servers, layout.generator), ((3,), (5,)))

    def test_one_core_binds_nobody(self):
        self.assertEqual(servers.place({0}, 1, 1), servers.Layout((0,), None, None))

    def test_two_workers_are_bound_only_beside_a_generator_with_room(self):
        few, many = servers.place(range(2), 1, 1), servers.place(range(8), 1, 1)
        self.assertEqual((few.cores_of_workers(1), few.cores_of_workers(2)), ((0,), None))
        self.assertEqual((many.cores_of_workers(2), many.generator_beside(2)), ((0, 1), (2, 3)))

    def test_a_command_line_is_bound_to_its_cores(self):
        self.assertEqual(servers.on_cores((1, 2), ["a", "b"]), ["taskset", "-c", "1,2", "a", "b"])
        self.assertEqual(servers.on_cores(0, ["a"]), ["taskset", "-c", "0", "a"])
        self.assertEqual(servers.on_cores(None, ["a"]), ["a"])

    def test_each_goes_first_as_often_as_the_others(self):
        self.assertEqual([turn("abc", repeat) for repeat in range(4)], [list("abc"), list("bca"), list("cab"), list("abc")])
        self.assertEqual(turn([], 3), [])


class SubjectTest(unittest.TestCase):
    def test_all_modes_are_one_server_each(self):
        found = servers.our_subjects("server", "all", 1)
        self.assertEqual([subject.mode for subject in found], ["off", "emulated", "yes"])
        self.assertIn("--cluster_mode=yes", found[2].command)

    def test_another_number_of_workers_changes_nothing_else(self):
        subject, = servers.our_subjects("server", "off", 1)
        self.assertEqual([word for word in servers.with_threads(subject, 2).command if word not in subject.command], ["--threads=2"])

    def test_a_peer_is_a_name_and_a_command_with_a_port(self):
        peers = servers.peer_subjects(["redis-server=redis-server --port {port}", "x=y 'a b' {port}"], shlex.split)
        self.assertEqual([(peer.name, peer.command) for peer in peers],
                         [("redis-server", ("redis-server", "--port", "{port}")), ("x", ("y", "a b", "{port}"))])
        for wrong in ("redis-server", "x=command", "=command {port}"):
            with self.assertRaises(SystemExit):
                servers.peer_subjects([wrong], shlex.split)

    def test_a_shard_names_its_master_and_replicas(self):
        shard = json.loads(servers.shard("a", 1, 0, 9, ("b", 2)))
        self.assertEqual(shard["slot_ranges"], [{"start": 0, "end": 9}])
        self.assertEqual([node["id"] for node in (shard["master"], *shard["replicas"])], ["a", "b"])

    def test_a_server_that_does_not_start_is_named(self):
        with self.assertRaisesRegex(SystemExit, "broken did not start"):
            servers.Server("broken", ["false"], None)


class ReplyTest(unittest.TestCase):
    def read(self, text):
        return client.read_reply(io.BytesIO(text))

    def test_replies_are_read(self):
        self.assertEqual(self.read(b"+OK\r\n"), b"OK")
        self.assertEqual(self.read(b":7\r\n"), 7)
        self.assertEqual(self.read(b"$2\r\n\r\n\r\n"), b"\r\n")
        self.assertEqual(self.read(b"*3\r\n$-1\r\n*-1\r\n:1\r\n"), [None, None, 1])

    def test_an_error_is_raised_and_the_end_of_the_stream_too(self):
        with self.assertRaisesRegex(client.Refused, "ERR no"):
            self.read(b"-ERR no\r\n")
        with self.assertRaises(ConnectionError):
            self.read(b"+O")

    def test_an_error_within_a_list_is_an_element(self):
        self.assertIsInstance(self.read(b"*1\r\n-ERR no\r\n")[0], client.Refused)

    def test_requests_count_bytes(self):
        self.assertEqual(client.request("SET", "ä", 1), b"*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xa4\r\n$1\r\n1\r\n")


class DriverTest(unittest.TestCase):
    """A script stands for the driver: it tells what it was started with."""

    def run_script(self, script, call):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "driver")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#!{sys.executable}\n{script}\n")
            os.chmod(path, 0o755)
            process = subprocess.Popen(["sleep", "60"])
            try:
                server = type("Server", (), {"name": "s", "port": 7, "process": process})
                return call(driver.Driver(path), server)
            finally:
                process.kill()
                process.wait()

    def test_a_closed_loop_is_asked_for_with_its_command_length_and_server(self):
        words = self.run_script("import json, sys; print(json.dumps(sys.argv[1:]))",
                                lambda load, server: load.measure(server, ["GET __key__"], 16, 99, duration_s=0.5, warmup_s=0.1))
        for word in ("--port=7", "--command=GET __key__", "--pipeline=16", "--keys=99", "--duration=500ms", "--warmup=100ms", "--json=-"):
            self.assertIn(word, words)

    def test_keys_are_written_once_each_in_order(self):
        words = self.run_script("import json, sys; print(json.dumps(sys.argv[1:]))", lambda load, server: load.write_each_once(server, "SET __key__ __data__", 5000))
        for word in ("--key_distribution=sequential", "--requests=5000", "--keys=5000", "--command=SET __key__ __data__"):
            self.assertIn(word, words)

    def test_at_a_fixed_rate_it_polls_for_a_part_of_the_time_between_groups(self):
        words = self.run_script("import json, sys; print(json.dumps(sys.argv[1:]))",
                                lambda load, server: load.open_loop(server, ["GET __key__"], 16, 160000, 99, arrivals="poisson", duration_s=2))
        for word in ("--rate=160000", "--arrivals=poisson", "--pipeline=16", "--spin=20us", "--duration=2000ms"):
            self.assertIn(word, words)
        self.assertNotIn("--realtime", words)

    def test_cores_are_watched_where_both_are_bound_and_go_first(self):
        watching = lambda realtime, own, servers: driver.Driver("load", own, realtime=realtime).watching(servers)
        self.assertEqual(watching(True, (1, 3), (0,)), ["--cpus=1,3", "--server_cpus=0"])
        self.assertEqual(watching(False, (1,), (0,)), [])
        self.assertEqual(watching(True, None, None), [])

    def test_what_the_driver_complains_about_is_passed_on(self):
        with self.assertRaisesRegex(driver.Failed, "s: cannot connect"):
            self.run_script("import sys; print('Warning: slow\\ncannot connect', file=sys.stderr); sys.exit(1)",
                            lambda load, server: load.fill(server, 1))


class SlowLogTest(unittest.TestCase):
    def test_the_slowest_command_counts_and_an_empty_log_says_shorter_than_its_threshold(self):
        self.assertEqual(slowest_us([[1, 0, 70, []], [2, 0, 900, []]]), 900)
        self.assertEqual(slowest_us([]), SLOW_US)


if __name__ == "__main__":
    unittest.main()
