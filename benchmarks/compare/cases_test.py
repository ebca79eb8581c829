"""The rows are those of the performance document, and each can be run."""

import unittest

from compare import cases
from compare.measurements import KINDS


class CasesTest(unittest.TestCase):
    def bar(self, group, name):
        found = [case.bar for case in cases.CASES if (case.group, case.name) == (group, name)]
        self.assertEqual(len(found), 1, name)
        return found[0].must, found[0].aim

    def test_the_bars_are_those_of_the_document(self):
        for name, must, aim in (("pipeline 1", 1.1, 1.25), ("pipeline 16", 2.8, 3.5), ("pipeline 64", 4.5, 6), ("pipeline 512", 6, 10),
                                ("pipeline 64, 10 M keys", 4.5, 6)):
            for command in ("GET", "SET"):
                self.assertEqual(self.bar(cases.CPU, f"{command}, {name}"), (must, aim))
        self.assertEqual(self.bar(cases.LATENCY, "p99 at 160 k/s, pipeline 16, GET and SET"), (0.5, 0.4))
        self.assertEqual(self.bar(cases.LATENCY, "p99 at 300 k/s, pipeline 64, GET and SET"), (0.25, 0.15))
        for name, valkey, target in (("string 16 + 32, 300 k keys", 101, 70), ("string 16 + 32, 10 M keys", 101, 70),
                                     ("string 16 + 32 with expiry", 138, 78), ("string 16 + 8-digit integer", 61, 40),
                                     ("hash, 5 fields of 6 + 8", 152, 125), ("set of 10 integers", 113, 85),
                                     ("set of 10 strings of 12", 226, 190), ("sorted set of 10 (12-byte members)", 283, 240),
                                     ("list of 10 (12 bytes)", 226, 190)):
            self.assertEqual(self.bar(cases.MEMORY, name), (valkey, target))
        self.assertEqual(self.bar(cases.STALL, "the same, machine undisturbed, 150 k/s"), (1, 0.2))
        self.assertEqual(self.bar(cases.WORKERS, "GET, pipeline 16"), (1.6, None))
        self.assertEqual(self.bar(cases.REPLICA, "SET, pipeline 64"), (1.3, 1.15))
        self.assertEqual({(case.bar.must, case.bar.aim) for case in cases.CASES if case.group == cases.COMMANDS}, {(2, 3)})

    def test_no_two_rows_of_a_group_are_called_the_same(self):
        names = [(case.group, case.name) for case in cases.CASES]
        self.assertEqual(len(names), len(set(names)))

    def test_every_row_has_a_group_a_kind_and_a_state(self):
        for case in cases.CASES:
            self.assertIn(case.group, cases.GROUPS)
            self.assertIn(case.measurement.kind, KINDS)
            self.assertIn(case.measurement.state, cases.STATES)

    def test_a_measurement_names_the_commands_that_it_and_its_state_need(self):
        hashes = cases.Measurement("cpu", ("3:HGET __key__ field3",), state="hashes")
        self.assertEqual(hashes.words(), ["hget", "hset"])

    def test_members_have_the_length_that_the_rows_promise(self):
        members = cases.STATES["sets of strings"].template.split()[2:]
        self.assertEqual({len(member) for member in members}, {12})
        self.assertEqual(len(set(members)), 10)
        fields = cases.STATES["hashes"].template.split()[2::2]
        self.assertEqual({len(field) for field in fields}, {6})

    def test_rows_of_one_measurement_share_it(self):
        grouped = cases.by_measurement(cases.select("at 160 k/s"))
        self.assertEqual([(len(members), measurement.rate, measurement.arrivals) for measurement, members in grouped.items()],
                         [(2, 160000, "poisson"), (2, 160000, "even")])

    def test_point_rows_are_taken_together_and_all_others_each_by_itself(self):
        batches = cases.batches(cases.by_measurement(cases.CASES))
        self.assertEqual([len(batch) for batch in batches if len(batch) > 1], [8])
        self.assertEqual({measurement.pipeline for batch in batches if len(batch) > 1 for measurement in batch}, {1, 16, 64, 512})
        self.assertEqual([measurement for batch in batches for measurement in batch], list(cases.by_measurement(cases.CASES)))

    def test_a_pattern_selects_by_name_and_by_group(self):
        self.assertEqual({case.group for case in cases.select("^memory")}, {cases.MEMORY, cases.ELEMENTS})
        self.assertEqual([case.name for case in cases.select("^incr$")], ["INCR"])
        self.assertEqual(cases.select("no such row"), [])

    def test_a_smaller_measurement_keeps_some_keys(self):
        self.assertEqual(cases.smaller(cases.Measurement("cpu", keys=300000), 1000).keys, 1000)
        self.assertEqual(cases.smaller(cases.Measurement("cpu", keys=10000000), 1000).keys, 10000)
        self.assertEqual(cases.smaller(cases.Measurement("memory", keys=100, elements=10000), 1000).keys, 1)

    def test_a_large_collection_is_written_by_several_commands_without_a_repetition(self):
        state = cases.STATES["sets of 10,000 strings"]
        members = [word for template in state.templates() for word in template.split()[2:]]
        self.assertEqual((len(state.templates()), len(members), len(set(members))), (20, 10000, 10000))

    def test_collections_are_to_take_no_more_an_element_than_the_yardstick(self):
        self.assertEqual({(case.bar.kind, case.bar.must) for case in cases.CASES if case.group == cases.ELEMENTS}, {("times", 1)})


if __name__ == "__main__":
    unittest.main()
