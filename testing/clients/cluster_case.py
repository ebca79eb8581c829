"""What the tests of all client libraries share: one cluster for the file, emptied before each test, and a load that goes on
while slots change hands.

A file of tests has classes for any cluster, for several nodes and for one node; main() runs those that apply to the kind
of cluster that --cluster names."""

import argparse
import sys
import threading
import unittest

import clusters
import resp

# What a configuration change takes from the first node and gives to the second.
MOVED_SLOT_COUNT = 1000
_ROUNDS_S = 60


class ClusterCase(unittest.TestCase):
    cluster = None  # set by main()

    def setUp(self):
        for node in self.cluster.nodes:
            with node.connect() as connection:
                connection.call("FLUSHALL")

    @property
    def seed(self):
        """Where a client that knows nothing yet connects: not the node that owns most of a test's first keys."""
        return self.cluster.nodes[-1]

    def move_slots_under_load(self, load):
        """Moves slots from the first node to the second while `load` runs, again and again, in a thread of its own. It is
        called with a round's number and answers with the keys whose values it found missing. Those must be keys of the slots
        that moved. Returns the slots."""
        first = self.cluster.ranges_of(self.cluster.nodes[0])[0][0]
        moved = range(first, first + MOVED_SLOT_COUNT)
        missing, failures, rounds = set(), [], 0
        stop = threading.Event()

        def run():
            nonlocal rounds
            try:
                while not stop.is_set():
                    missing.update(load(rounds))
                    rounds += 1
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        def wait_for_rounds(count):
            target = rounds + count
            clusters.wait_until(lambda: failures or rounds >= target, f"{count} more rounds of load", _ROUNDS_S)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            wait_for_rounds(10)
            self.cluster.move_slots(moved[0], moved[-1], self.cluster.nodes[1])
            wait_for_rounds(10)
        finally:
            stop.set()
            thread.join(timeout=_ROUNDS_S)
        self.assertEqual(failures, [], "an error reached the application")
        self.assertFalse(thread.is_alive(), "the load does not end")
        lost = [key for key in sorted(missing) if resp.slot_of(key) not in moved]
        self.assertEqual(lost, [], "keys lost outside the moved slots")
        print(f"{rounds} rounds of load, {len(missing)} keys of the moved slots were missing at some time")
        return moved


def main(any_cluster=(), several_nodes=(), one_node=()):
    parser = argparse.ArgumentParser()
    parser.add_argument("--cluster", choices=sorted(clusters.KINDS), required=True)
    arguments, rest = parser.parse_known_args()
    kind = clusters.KINDS[arguments.cluster]
    applicable = [*any_cluster, *(several_nodes if kind.node_count > 1 else one_node)]

    def load_tests(loader, *_):
        return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in applicable)

    sys.modules["__main__"].load_tests = load_tests
    ClusterCase.cluster = kind().start()
    program = unittest.main(argv=[sys.argv[0], "--verbose", *rest], exit=False)
    ClusterCase.cluster.stop()
    sys.exit(not program.result.wasSuccessful())
