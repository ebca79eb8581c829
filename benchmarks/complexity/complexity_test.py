"""Every case with real servers: all are understood by both, and no command has been forgotten."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest

from compare.servers import REDIS_COMMAND, Server
from complexity import documents, main
from complexity.cases import CASES, GROUPS, WITHOUT_A_CASE
from complexity.formulas import BOUNDED, OK, ONE, WORSE, is_constant, judge
from complexity.table import Row, table

BINARIES = []


class ComplexityTest(unittest.TestCase):
    def test_every_case_comes_to_figures_of_both_servers(self):
        with tempfile.TemporaryDirectory() as folder:
            kept, printed = os.path.join(folder, "figures.json"), io.StringIO()
            with contextlib.redirect_stdout(printed):
                main.main([*BINARIES, "--quick", f"--json={kept}"])
            with open(kept, encoding="utf-8") as file:
                rows = json.load(file)["rows"]
        self.assertEqual([(row["command"], row["case"]) for row in rows], [(case.command, case.what) for case in CASES])
        for row in rows:
            self.assertEqual(len(row["ours_s"]), len(main.QUICK_SIZES), row)
            self.assertEqual(len(row["peer_s"]), len(main.QUICK_SIZES), row)
        self.assertIn("within what is documented", printed.getvalue())


class FiguresOf:
    """Stands in for what is measured: seconds of a call of our server by case and size."""

    servers = ["damselfly"]

    def __init__(self, seconds):
        self.seconds, self.taken = seconds, []

    def of(self, server, case, sizes):
        return {size: self.seconds[case][size] for size in sizes}

    def take(self, cases, sizes, repeats):
        self.taken += [(case, size) for case in cases for size in sizes]


class BoundsTest(unittest.TestCase):
    def test_only_what_is_worse_is_asked_for_beyond_and_is_bounded_if_it_grows_no_further(self):
        steady, bounded, growing = [case for case in CASES if case.formula == ONE][:3]
        figures = FiguresOf({steady: {10: 1e-6, 100: 1e-6, 1600: 1e-6}, bounded: {10: 1e-6, 100: 9e-6, 1600: 9e-6},
                             growing: {10: 1e-6, 100: 9e-6, 1600: 90e-6}})
        rows = [Row(case, "", figures.of("damselfly", case, (10, 100)), {}, judge(ONE, figures.of("damselfly", case, (10, 100)), {}))
                for case in (steady, bounded, growing)]
        found = main.with_bounds(figures, rows, (10, 100))
        self.assertEqual([row.judgement.verdict for row in found], [OK, BOUNDED, WORSE])
        self.assertEqual(figures.taken, [(bounded, 1600), (growing, 1600)])
        self.assertIn("bounded, 9.0 us at 1,600", "\n".join(table(found, "redis-server")))


class CoverageTest(unittest.TestCase):
    def setUp(self):
        self.ours = Server("damselfly", [BINARIES[0].partition("=")[2], "--port={port}", "--bind=127.0.0.1", "--threads=1"], None)
        self.addCleanup(self.ours.stop)
        self.peer = Server("redis-server", REDIS_COMMAND, None)
        self.addCleanup(self.peer.stop)

    def test_every_command_on_data_has_a_case_or_a_reason(self):
        with_a_case = {case.command for case in CASES}
        for server in (self.ours, self.peer):
            commands = set(documents.commands_of(server, GROUPS))
            self.assertEqual(sorted(commands - with_a_case - set(WITHOUT_A_CASE)), [], server.name)
        self.assertEqual(sorted(with_a_case & set(WITHOUT_A_CASE)), [])

    def test_what_is_documented_as_constant_is_held_against_a_constant(self):
        documented = documents.complexities(self.peer)
        wrong = [case.name for case in CASES if is_constant(documented[case.command]) and case.formula != ONE]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    # The path of the binary comes first, as a flag.
    BINARIES, sys.argv = [word for word in sys.argv[1:] if "=" in word], [word for word in sys.argv if "=" not in word]
    unittest.main()
