"""Redis's own tools: redis-cli that follows redirections, its cluster manager, and redis-benchmark over all nodes."""

import re
import subprocess

import cluster_case
import resp

_TOOL_S = 40


class ToolsCase(cluster_case.ClusterCase):

    def run_tool(self, *words, text=""):
        """What the tool prints; it must succeed."""
        result = subprocess.run([str(word) for word in words], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                encoding="utf-8", timeout=_TOOL_S, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def cli(self, *words, text=""):
        return self.run_tool("redis-cli", "-h", "localhost", "-p", self.seed.port, "-c", *words, text=text)

    def manager(self, *words):
        return self.run_tool("redis-cli", "--cluster", *words)

    @property
    def seed_address(self):
        return f"127.0.0.1:{self.seed.port}"


class OnAnyCluster(ToolsCase):

    def test_redis_cli_follows_redirections_between_commands(self):
        keys = resp.key_of_each_slot()[::512]
        for protocol in ("-2", "-3"):
            written = self.cli(protocol, text="".join(f"set {key} {protocol}{key}\n" for key in keys))
            self.assertEqual(written.split().count("OK"), len(keys), written)
            read = self.cli(protocol, text="".join(f"get {key}\n" for key in keys))
            self.assertEqual([line for line in read.splitlines() if not line.startswith("->")],
                             [protocol + key for key in keys])

    def test_redis_cli_keeps_a_transaction_on_one_node(self):
        replies = self.cli(text="set {t}a 0\nmulti\nset {t}a 1\nincr {t}a\nexec\n")
        self.assertEqual(replies.split()[-2:], ["OK", "2"], replies)

    def test_cluster_check_finds_all_slots_covered_and_all_nodes_agreeing(self):
        report = self.manager("check", self.seed_address)
        self.assertIn("[OK] All nodes agree about slots configuration.", report)
        self.assertIn("[OK] All 16384 slots covered.", report)
        self.assertNotRegex(report, r"\[(ERR|WARNING)\]")
        for node in self.cluster.nodes:
            self.assertIn(node.id, report)

    def test_cluster_info_counts_keys_and_slots_of_each_node(self):
        for node in self.cluster.nodes:
            first = self.cluster.ranges_of(node)[0][0]
            with node.connect() as connection:
                connection.call("SET", resp.key_of_each_slot()[first], 1)
        report = self.manager("info", self.seed_address)
        for node in self.cluster.nodes:
            slots = sum(last - first + 1 for first, last in self.cluster.ranges_of(node))
            self.assertIn(f"127.0.0.1:{node.port} ({node.id[:8]}...) -> 1 keys | {slots} slots | 0 slaves.", report)
        self.assertIn(f"[OK] {len(self.cluster.nodes)} keys in {len(self.cluster.nodes)} masters.", report)

    def test_cluster_call_asks_every_node(self):
        report = self.manager("call", self.seed_address, "cluster", "myid")
        for node in self.cluster.nodes:
            self.assertIn(f"127.0.0.1:{node.port}: {node.id}", report)


class OnSeveralNodes(ToolsCase):

    def test_redis_benchmark_loads_every_node(self):
        report = self.run_tool("redis-benchmark", "-h", "localhost", "-p", self.seed.port, "--cluster", "-t", "set,get,incr",
                               "-n", 30000, "-c", 30, "-P", 8, "-r", 100000, "-q")
        self.assertIn(f"Cluster has {len(self.cluster.nodes)} master nodes", report)
        self.assertNotRegex(report, re.compile("warn|error|moved", re.IGNORECASE))
        finished = re.findall(r"(SET|GET|INCR): [0-9.]+ requests per second", report)
        self.assertEqual(finished, ["SET", "GET", "INCR"], report)
        for node in self.cluster.nodes:
            with node.connect() as connection:
                self.assertGreater(connection.call("DBSIZE"), 100)

    def test_redis_cli_without_c_shows_the_redirection(self):
        owner = self.cluster.owner_of(0)
        other = next(node for node in self.cluster.nodes if node is not owner)
        shown = self.run_tool("redis-cli", "-p", other.port, "set", resp.key_of_each_slot()[0], 1)
        self.assertEqual(shown.strip(), f"MOVED 0 127.0.0.1:{owner.port}")

    def test_redis_benchmark_goes_on_while_slots_move(self):
        def load(_):
            report = self.run_tool("redis-benchmark", "-p", self.seed.port, "--cluster", "-t", "set", "-n", 2000, "-c", 6,
                                   "-r", 1000, "-q")
            self.assertRegex(report, "SET: [0-9.]+ requests per second")
            return ()

        self.move_slots_under_load(load)
        self.assertIn("[OK] All 16384 slots covered.", self.manager("check", self.seed_address))


class OnOneNode(ToolsCase):

    def test_redis_benchmark_loads_the_node(self):
        """Without --cluster: the tool refuses a cluster of one node, whoever makes it."""
        report = self.run_tool("redis-benchmark", "-p", self.seed.port, "-t", "set,get,incr,mset", "-n", 30000, "-c", 30, "-P", 8,
                               "-r", 100000, "-q")
        self.assertEqual(report.count("requests per second"), 4, report)
        self.assertNotRegex(report, re.compile("warn|error|moved", re.IGNORECASE))


if __name__ == "__main__":
    cluster_case.main([OnAnyCluster], [OnSeveralNodes], [OnOneNode])
