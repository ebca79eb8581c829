"""The whole comparison with real servers, a thousandth of everything: each row comes to figures or says why not."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest

from compare import cases, main
from compare.bench import DISTURBED, NOT_YET
from compare.footprint import NOT_WATCHED
from compare.measurements import TOO_SHORT

BINARIES = []


class CompareTest(unittest.TestCase):
    def compare(self, *flags):
        """(printed, the JSON, the page)"""
        with tempfile.TemporaryDirectory() as folder:
            kept, page = os.path.join(folder, "figures.json"), os.path.join(folder, "page.html")
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                main.main([*BINARIES, "--quick", f"--json={kept}", f"--html={page}", *flags])
            with open(kept, encoding="utf-8") as figures, open(page, encoding="utf-8") as text:
                return printed.getvalue(), json.load(figures), text.read()

    def test_every_row_has_figures_or_says_what_we_do_not_have_yet(self):
        printed, kept, page = self.compare()
        self.assertEqual(sorted(row["name"] for row in kept["rows"]), sorted(case.name for case in cases.CASES))
        for row in kept["rows"]:
            self.assertIn(row["name"], printed)
            if any(note.startswith((NOT_YET, TOO_SHORT, NOT_WATCHED, DISTURBED)) for note in row["notes"]):
                continue
            self.assertIsNotNone(row["ours"], row)
            self.assertTrue(row["judgement"]["verdict"] or row["bar"]["must"] is None, row)
        self.assertIn("rows judged", printed)
        for group in cases.GROUPS:
            self.assertIn(group, page)

    def test_all_cluster_modes_are_measured_beside_each_other(self):
        printed, kept, _ = self.compare("--cluster_mode=all", "--rows=^(SET, pipeline 64|MSET of 10)$")
        servers = ("damselfly", "damselfly, emulated", "damselfly, yes")
        found = {(row["group"], row["name"], row["server"]): row for row in kept["rows"]}
        for server in servers:
            for group in (cases.CPU, cases.REPLICA):
                self.assertIn((group, "SET, pipeline 64", server), found)
        self.assertIn("cluster mode off, emulated and yes", printed)
        refused = found[cases.COMMANDS, "MSET of 10", "damselfly, yes"]
        self.assertIsNone(refused["ours"])
        self.assertIn("keys of several slots", " ".join(refused["notes"]))


if __name__ == "__main__":
    # The paths of the binaries come first, as flags.
    BINARIES, sys.argv = [word for word in sys.argv[1:] if "=" in word], [word for word in sys.argv if "=" not in word]
    unittest.main()
