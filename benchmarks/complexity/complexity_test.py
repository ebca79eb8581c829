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
from complexity.formulas import ONE, is_constant

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
