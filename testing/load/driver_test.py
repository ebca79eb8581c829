"""What the driver's flags promise, on our server and on redis-server."""

import array
import os
import signal
import statistics
import subprocess
import time
import unittest

import driver
from driver import Connection, clusters


class AnyServer:
    """Runs for each kind of server."""

    command = []

    def setUp(self):
        super().setUp()
        self.process, self.port = self.start_server(self.command)

    def call(self, *words):
        with Connection(self.port) as connection:
            return connection.call(*words)

    def commands_processed(self):
        return int(self.call("INFO", "stats").split("total_commands_processed:")[1].split()[0])

    def test_exactly_so_many_requests_are_sent(self):
        results = self.run_well(self.port, "--requests=12345", "--pipeline=16", "--threads=2", "--keys=1000", "--reads=1",
                                f"--server_pid={self.process.pid}")
        self.assertEqual(results["operations"], 12345)
        self.assertEqual(sum(command["operations"] for command in results["commands"]), 12345)
        self.assertEqual(results["mode"], "closed")
        self.assertEqual(results["errors"], {"total": 0, "by_kind": {}})
        self.assertEqual(results["settings"]["pipeline"], 16)
        latency = results["latency_us"]
        self.assertLess(0, latency["min"])
        order = ["min", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"]
        self.assertEqual([latency[name] for name in order], sorted(latency[name] for name in order))
        self.assertLess(0, results["driver"]["cpu_s"])
        server = results["server"]
        self.assertAlmostEqual(server["cpu_ns_per_operation"], server["cpu_s"] * 1e9 / 12345, delta=1)
        self.assertEqual(server["operations"], 12345)
        self.assertLess(0, server["cpu_s"])
        self.assertLess(1e6, server["resident_bytes_after"])
        stats = self.call("INFO", "commandstats")
        counted = sum(int(line.split("calls=")[1].split(",")[0]) for line in stats.splitlines()
                      if line.startswith(("cmdstat_set:", "cmdstat_get:")))
        self.assertEqual(counted, 12345)

    def test_the_servers_time_an_operation_does_not_depend_on_how_long_the_run_is(self):
        # In turn, so that both meet the same machine.
        lengths = {"long": ["--duration=400ms"], "short": ["--duration=60ms", "--warmup=6ms"]}
        seen = {name: [] for name in lengths}
        for _ in range(7):
            for name, flags in lengths.items():
                results = self.run_well(self.port, "--keys=1000", "--pipeline=64", f"--server_pid={self.process.pid}", *flags)
                seen[name].append(results["server"]["cpu_ns_per_operation"])
        ratio = statistics.median(seen["short"]) / statistics.median(seen["long"])
        self.assertTrue(0.5 < ratio < 2, seen)

    def test_a_filling_writes_each_key_once(self):
        for threads, connections in ((1, 50), (2, 7)):
            self.call("FLUSHALL")
            results = self.run_well(self.port, "--fill_only", "--keys=10001", f"--threads={threads}",
                                    f"--connections={connections}", "--value_bytes=10..20")
            self.assertEqual(results["operations"], 10001)
            self.assertEqual(results["mode"], "fill")
            self.assertEqual(self.call("DBSIZE"), 10001)
        self.assertTrue(10 <= self.call("STRLEN", "key:000000010000") <= 20)
        self.assertEqual(self.call("GET", "key:000000010001"), None)

    def test_a_filling_is_not_counted_with_the_load(self):
        results = self.run_well(self.port, "--fill", "--keys=5000", "--requests=100", "--writes=0", "--reads=1")
        self.assertEqual(results["operations"], 100)
        self.assertEqual(self.call("DBSIZE"), 5000)

    def test_an_open_loop_sends_at_even_moments(self):
        path = os.path.join(self.folder, "samples")
        results = self.run_well(self.port, "--rate=4000", "--duration=1500ms", "--threads=2", f"--samples={path}", "--keys=100")
        self.assertEqual(results["mode"], "open")
        self.assertEqual(results["operations"], 6000)
        self.assertLess(0, results["lateness_us"]["max"])
        numbers = array.array("d")
        with open(path, "rb") as file:
            numbers.frombytes(file.read())
        moments, latencies = sorted(numbers[::2]), numbers[1::2]
        self.assertEqual(len(moments), 6000)
        for first, second in zip(moments, moments[1:]):
            self.assertAlmostEqual(second - first, 1 / 4000, delta=1e-6)
        self.assertGreater(min(latencies), 0)
        self.assertAlmostEqual(max(latencies) * 1e6, results["latency_us"]["max"], delta=results["latency_us"]["max"] / 500)

    def test_a_rate_beyond_everybodys_reach_leaves_nothing_out(self):
        results = self.run_well(self.port, "--rate=3e6", "--duration=100ms", "--keys=100", "--connections=5")
        self.assertEqual(results["operations"], 300000)
        self.assertGreater(results["latency_us"]["max"], 200e3)
        self.assertGreater(results["missed_sends"], 100000)

    def test_a_group_leaves_together(self):
        path = os.path.join(self.folder, "samples")
        results = self.run_well(self.port, "--rate=2000", "--pipeline=10", "--requests=1005", f"--samples={path}")
        self.assertEqual(results["operations"], 1005)
        numbers = array.array("d")
        with open(path, "rb") as file:
            numbers.frombytes(file.read())
        self.assertEqual(len(set(numbers[::2])), 101)

    def test_what_a_stall_makes_others_wait_is_in_the_latencies(self):
        process = driver.start(self.port, "--rate=1000", "--duration=2s", "--keys=100")
        time.sleep(0.7)
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(0.6)
        self.process.send_signal(signal.SIGCONT)
        run = driver.finish(process)
        self.assertEqual(run.code, 0, run.errors)
        latency = run.results["latency_us"]
        # 600 of the 2000 requests were due while the server stood still: waits from 600 ms down to nothing.
        self.assertGreater(latency["max"], 550e3)
        self.assertGreater(latency["p90"], 300e3)

    def test_a_warm_up_is_not_counted(self):
        for flags in (["--pipeline=4"], ["--rate=1000"]):
            results = self.run_well(self.port, "--warmup=300ms", "--requests=500", "--keys=100", *flags)
            self.assertEqual(results["operations"], 500)
        self.assertGreater(self.commands_processed(), 1300)

    def test_a_right_server_is_verified(self):
        for flags in (["--pipeline=8", "--requests=20000"], ["--rate=5000", "--duration=1s"]):
            results = self.run_well(self.port, "--verify", "--fill", "--keys=2000", "--reads=1", "--value_bytes=0..600",
                                    "--threads=2", "--protocol=3", *flags)
            self.assertGreater(results["verified"], 4500)
            self.assertEqual(results["differences"], 0)

    def test_any_command_can_be_sent(self):
        results = self.run_well(self.port, "--requests=3000", "--keys=10", "--key_bytes=6", "--pipeline=5",
                                '--command=2:SET "a __key__" x__data__y EX 1000', "--command=MSET m{__key__} __int__ n__key__ __key__",
                                "--command=MGET __key__ __key__ nothing", "--command=STRLEN n__key__", "--command=APPEND log __int__,")
        counts = [command["operations"] for command in results["commands"]]
        self.assertEqual(sum(counts), 3000)
        for count in counts[1:]:
            self.assertAlmostEqual(counts[0] / count, 2, delta=0.4)
        self.assertEqual(sorted(self.call("KEYS", "a *")), [f"a key:{number:02}" for number in range(10)])
        self.assertEqual(len(self.call("GET", "a key:07")), 34)
        self.assertLess(900, self.call("TTL", "a key:07"))
        self.assertRegex(self.call("GET", "nkey:03"), "^key:0[0-9]$")
        self.assertRegex(self.call("GET", "m{key:03}"), "^[0-9]$")
        self.assertEqual(self.call("GET", "log").count(","), counts[4])

    def test_hot_keys_and_ranks_get_their_share(self):
        for distribution, keys in (("zipf:1.2", 1000), ("hot:0.01:0.9", 1000)):
            self.call("FLUSHALL")
            self.run_well(self.port, "--requests=10000", "--command=INCR __key__", f"--keys={keys}", "--pipeline=20",
                          f"--key_distribution={distribution}")
            hottest = sum(int(self.call("GET", f"key:{number:012}") or 0) for number in range(10))
            self.assertGreater(hottest, 5000)
        self.call("FLUSHALL")
        self.run_well(self.port, "--requests=3000", "--command=INCR __key__", "--keys=1000", "--key_distribution=sequential",
                      "--threads=3", "--pipeline=4")
        self.assertEqual(self.call("DBSIZE"), 1000)

    def test_large_values_and_replies_pass(self):
        results = self.run_well(self.port, "--verify", "--fill", "--keys=20", "--value_bytes=300000..1000000", "--reads=3",
                                "--requests=200", "--pipeline=4", "--connections=3")
        self.assertEqual(results["differences"], 0)
        self.assertGreater(results["verified"], 150)

    def test_error_replies_fail_the_run_unless_they_are_allowed(self):
        self.call("SET", "text", "no number")
        flags = ["--command=INCR text", "--command=INCR __key__", "--requests=1000", "--keys=10"]
        run = driver.run(self.port, *flags)
        self.assertEqual(run.code, 1)
        self.assertIn("not an integer", run.errors)
        errors = run.results["errors"]
        self.assertEqual(errors["by_kind"], {"ERR": errors["total"]})
        self.assertEqual(run.results["commands"][0]["errors"], errors["total"])
        self.assertGreater(errors["total"], 300)
        self.assertEqual(driver.run(self.port, "--errors_allowed", *flags).code, 0)

    def test_a_signal_ends_it_with_results(self):
        for flags in (["--pipeline=4"], ["--rate=500"]):
            before = self.commands_processed()
            process = driver.start(self.port, "--duration=1h", *flags)
            clusters.wait_until(lambda before=before: self.commands_processed() > before + 300, "requests")
            process.send_signal(signal.SIGTERM)
            run = driver.finish(process)
            self.assertEqual(run.code, 0, run.errors)
            self.assertGreater(run.results["operations"], 50)

    def test_a_server_that_goes_away_fails_the_run(self):
        process = driver.start(self.port, "--duration=1h")
        time.sleep(0.3)
        self.process.kill()
        run = driver.finish(process)
        self.assertEqual(run.code, 1)
        self.assertIn(f"127.0.0.1:{self.port}: ", run.errors)

    def test_a_database_is_selected(self):
        self.run_well(self.port, "--database=3", "--fill_only", "--keys=77", "--protocol=3")
        self.assertEqual(self.call("DBSIZE"), 0)
        with Connection(self.port) as connection:
            connection.call("SELECT", 3)
            self.assertEqual(connection.call("DBSIZE"), 77)

    def test_it_speaks_through_a_unix_socket(self):
        # By a name in the folder in which both run: a whole path may be too long for a socket.
        run = driver.finish(driver.start(1, "--unix=socket", "--fill_only", "--keys=100", folder=self.folder))
        self.assertEqual(run.code, 0, run.errors)
        self.assertEqual(self.call("DBSIZE"), 100)

    def test_a_password_is_given(self):
        self.call("CONFIG", "SET", "requirepass", "secret")
        for flags in (["--protocol=2"], ["--protocol=3"], ["--user=default", "--protocol=3"], ["--user=default"]):
            self.run_well(self.port, "--requests=10", "--password=secret", *flags)
        self.assertEqual(driver.run(self.port, "--requests=10", "--password=wrong").code, 1)
        self.assertEqual(driver.run(self.port, "--requests=10").code, 1)

    def test_progress_is_shown(self):
        run = driver.run(self.port, "--duration=2500ms", "--progress", "--rate=100")
        self.assertIn("load 1 s: ", run.errors)
        self.assertNotIn("load 1 s: ", driver.run(self.port, "--duration=1500ms", "--rate=100").errors)


class OnDamselfly(AnyServer, driver.DriverCase):
    command = [clusters.server_path(), "--port={port}", "--threads=2", "--unixsocket=socket"]


class OnRedis(AnyServer, driver.DriverCase):
    command = ["redis-server", "--port", "{port}", "--save", "", "--appendonly", "no", "--unixsocket", "socket"]


class WithoutAServer(driver.DriverCase):

    def test_a_command_line_without_sense_is_refused(self):
        for flags in (["--bogus"], ["--rate=-1"], ["--key_bytes=5"], ["--value_bytes=x"], ["stray"], ["--command=GET \"a"],
                      ["--threads=2", "--connections=1"], ["--samples=x"], ["--work=2s"], ["--work=-1us"]):
            run = driver.run(1, *flags)
            self.assertEqual(run.code, 2, flags)
            self.assertEqual(run.output, "")
            self.assertIn("load: ", run.errors)

    def test_delays_of_the_responder_come_out_as_they_are(self):
        process, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}", "--delay_us=20000..40000"])
        results = self.run_well(port, "--connections=16", "--pipeline=8", "--requests=12800")
        latency = results["latency_us"]
        self.assertGreaterEqual(latency["min"], 20000)
        for name, wanted in (("p50", 30000), ("p90", 38000)):
            self.assertAlmostEqual(latency[name], wanted, delta=wanted / 10)
        self.assertIsNone(process.poll())

    def test_work_over_each_reply_takes_its_time_and_is_in_no_latency(self):
        _, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}"])
        results = self.run_well(port, "--connections=1", "--pipeline=10", "--requests=200", "--work=2ms")
        self.assertEqual(results["operations"], 200)
        self.assertGreaterEqual(results["duration_s"], 190 * 0.002)
        # A batch is worked on for 20 ms, and answered at once.
        self.assertLess(results["latency_us"]["p50"], 5000)

    def test_what_is_under_way_when_the_warm_up_ends_is_held_against_the_servers_time(self):
        process, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}", "--delay_us=200000..400000"])
        results = self.run_well(port, "--connections=16", "--pipeline=8", "--warmup=500ms", "--duration=500ms", f"--server_pid={process.pid}")
        under_way = results["server"]["operations"] - results["operations"]
        # Each connection waits for a batch nearly always. A reading that comes some hundredths of a second late misses few of them.
        self.assertGreater(under_way, 16 * 8 / 2)
        self.assertLessEqual(under_way, 16 * 8)

    def test_disturbances_are_found_or_the_permission_that_it_takes_is_named(self):
        cores = sorted(os.sched_getaffinity(0))
        process, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}"])
        watched = [f"--cpus={cores[0]}", f"--server_cpus={cores[-1]}", f"--server_pid={process.pid}", "--rate=1000", "--requests=300"]
        run = driver.run(port, *watched)
        if len(cores) == 1:
            self.assertIn("share core", run.errors)
        elif run.code == 0:
            disturbed, undisturbed = run.results["disturbed"], run.results["undisturbed"]
            self.assertGreaterEqual(disturbed["total_us"], disturbed["longest_stop_us"])
            self.assertGreaterEqual(disturbed["greatest_slowness"], 1)
            self.assertLessEqual(undisturbed["operations"], run.results["operations"])
            self.assertLessEqual(undisturbed["latency_us"]["max"], run.results["latency_us"]["max"])
        else:
            self.assertIn("watching cores: SCHED_FIFO", run.errors)

    def test_nobody_there_is_a_failure(self):
        run = driver.run(clusters.free_ports(1)[0], "--requests=1")
        self.assertEqual(run.code, 1)
        self.assertIn("cannot connect", run.errors)

    def test_no_process_there_is_a_failure(self):
        _, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}"])
        self.assertEqual(driver.run(port, "--requests=1", "--server_pid=99999999").code, 1)

    def test_help_lists_the_flags(self):
        text = subprocess.run([driver.built("benchmarks/load/load"), "--help"], check=True, capture_output=True, text=True).stdout
        for flag in ("--key_distribution=uniform", "--pipeline=1", "--cluster=false"):
            self.assertIn(flag, text)

    def test_the_responder_answers_everything(self):
        process, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}"])
        for flags in (["--pipeline=64"], ["--pipeline=1"], ["--pipeline=500", "--value_bytes=0..5000", "--threads=2"],
                      ["--rate=1000", "--pipeline=3"]):
            results = self.run_well(port, "--requests=30000" if "--rate=1000" not in flags else "--requests=300", "--warmup=100ms",
                                    f"--server_pid={process.pid}", *flags)
            self.assertEqual(results["operations"], 300 if "--rate=1000" in flags else 30000)
            self.assertEqual(results["errors"]["total"], 0)

    def test_results_go_to_a_file_and_a_table_to_the_output(self):
        _, port = self.start_server([driver.built("benchmarks/responder"), "--port={port}"])
        path = os.path.join(self.folder, "results")
        run = driver.run(port, "--requests=100", f"--json={path}")
        self.assertEqual(run.code, 0)
        self.assertIn("100 operations in ", run.output)
        with open(path, encoding="utf-8") as file:
            self.assertIn('"damselfly_load": 1', file.read())


if __name__ == "__main__":
    unittest.main(verbosity=2)
