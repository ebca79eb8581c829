"""The driver's cluster mode on clusters of three nodes, of ours and of redis-server, and on one node that looks like a cluster."""

import time
import unittest

import driver
from driver import clusters, slot_of

KEYS = 20000


class AnyCluster:

    kind = None

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.kind().start()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()

    def setUp(self):
        super().setUp()
        for node in self.cluster.nodes:
            with node.connect() as connection:
                connection.call("FLUSHALL")

    @property
    def port(self):
        return self.cluster.nodes[-1].port

    def sizes(self):
        sizes = []
        for node in self.cluster.nodes:
            with node.connect() as connection:
                sizes.append(connection.call("DBSIZE"))
        return sizes

    def test_each_key_is_written_once_at_its_owner(self):
        results = self.run_well(self.port, "--cluster", "--fill_only", f"--keys={KEYS}", "--connections=4", "--threads=2")
        self.assertEqual(results["operations"], KEYS)
        owned = [0] * len(self.cluster.nodes)
        for number in range(KEYS):
            owned[self.cluster.nodes.index(self.cluster.owner_of(slot_of(f"key:{number:012}")))] += 1
        self.assertEqual(self.sizes(), owned)
        self.assertEqual(results["redirections"], {"moved": 0, "ask": 0, "tryagain": 0, "clusterdown": 0})

    def test_both_loops_verify(self):
        for flags in (["--pipeline=8", "--requests=20001"], ["--rate=5000", "--requests=5000", "--pipeline=3"],
                      ["--rate=3000", "--requests=3001"]):
            results = self.run_well(self.port, "--cluster", "--fill", "--verify", f"--keys={KEYS}", "--reads=1",
                                    "--connections=3", "--threads=2", "--protocol=3", *flags)
            self.assertEqual(results["operations"], int(flags[1].partition("=")[2]))
            self.assertEqual(results["verified"], results["operations"])
            self.assertEqual(results["differences"], 0)

    def test_keys_of_one_slot_and_commands_without_keys_are_served(self):
        results = self.run_well(self.port, "--cluster", "--key_prefix={one}", "--requests=3000", "--pipeline=10",
                                "--connections=2", "--command=SET __key__ __data__", "--command=MGET __key__ x{one}__int__")
        self.assertEqual(results["operations"], 3000)
        self.assertEqual(results["redirections"]["moved"], 0)
        self.assertEqual(self.run_well(self.port, "--cluster", "--requests=300", "--command=PING")["operations"], 300)


class SeveralNodes(AnyCluster):

    def test_slots_that_move_are_followed(self):
        for flags in (["--pipeline=4"], ["--rate=3000"]):
            process = driver.start(self.port, "--cluster", "--connections=3", "--threads=2", "--duration=1h", "--reads=1",
                                   f"--keys={KEYS}", *flags)
            time.sleep(0.5)
            first = self.cluster.ranges_of(self.cluster.nodes[0])[0][0]
            self.cluster.move_slots(first, first + 999, self.cluster.nodes[1])
            time.sleep(0.5)
            process.terminate()
            run = driver.finish(process)
            self.assertEqual(run.code, 0, run.errors)
            redirections = run.results["redirections"]
            print(flags, run.results["operations"], redirections)
            self.assertGreater(redirections["moved"], 0)
            self.assertEqual(run.results["errors"]["total"], 0)

    def test_without_cluster_mode_redirections_are_errors(self):
        run = driver.run(self.port, "--requests=300", f"--keys={KEYS}")
        self.assertEqual(run.code, 1)
        self.assertEqual(list(run.results["errors"]["by_kind"]), ["MOVED"])


class OnDamselfly(SeveralNodes, driver.DriverCase):
    kind = clusters.DamselflyCluster

    def test_a_node_that_joins_is_found(self):
        # It is not among those that own slots at the beginning.
        last = self.cluster.nodes[2]
        for first, end in self.cluster.ranges_of(last):
            self.cluster.move_slots(first, end, self.cluster.nodes[0])
        process = driver.start(self.cluster.nodes[0].port, "--cluster", "--connections=2", "--duration=1h", f"--keys={KEYS}",
                               "--pipeline=4")
        time.sleep(0.5)
        self.cluster.move_slots(0, 999, last)
        time.sleep(0.5)
        process.terminate()
        run = driver.finish(process)
        self.assertEqual(run.code, 0, run.errors)
        self.assertGreater(run.results["redirections"]["moved"], 0)
        self.assertGreater(self.sizes()[2], 0)


class OnRedis(SeveralNodes, driver.DriverCase):
    kind = clusters.RedisCluster


class OnEmulated(AnyCluster, driver.DriverCase):
    kind = clusters.DamselflyEmulated


if __name__ == "__main__":
    unittest.main(verbosity=2)
