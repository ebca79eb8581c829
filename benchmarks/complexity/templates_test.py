"""From lines of the table to requests, and the table itself, without a server."""

import collections
import io
import unittest

from compare.client import read_reply
from complexity import cases, states
from complexity.templates import requests, values_of


def commands(template, size=64, call=0, numbers=range(4), dump=None):
    """The words of each command: a request has the shape of a reply."""
    data = requests(template, values_of(size, call), numbers, dump)
    stream, found = io.BytesIO(data), []
    while stream.tell() < len(data):
        found.append(b" ".join(read_reply(stream)).decode())
    return found


class TemplatesTest(unittest.TestCase):
    def test_places_are_filled(self):
        self.assertEqual(commands("CALL {n} {half} {last} {some} {most} {c}", size=64, call=3), ["CALL 64 32 63 4 60 3"])

    def test_what_is_enclosed_is_repeated(self):
        self.assertEqual(commands("MGET << k{e} x >> y"), ["MGET k0 x k1 x k2 x k3 x y"])
        self.assertEqual(commands("<< XADD s {e1}-1 f {d} ; >> XLEN s", numbers=range(2)), ["XADD s 1-1 f 0", "XADD s 2-1 f 2", "XLEN s"])

    def test_commands_end_at_semicolons(self):
        self.assertEqual(commands("MULTI ; DISCARD ;"), ["MULTI", "DISCARD"])
        self.assertEqual(commands(""), [])

    def test_calls_choose_different_elements_of_all(self):
        chosen = {values_of(1024, call)["i"] for call in range(1024)}
        self.assertEqual(chosen, set(range(1024)))

    def test_dumped_values_are_put_in(self):
        self.assertEqual(commands("RESTORE y 0 @hash", dump=lambda key: f"<{key}>".encode()), ["RESTORE y 0 <hash>"])

    def test_places_on_earth_lie_in_a_square(self):
        self.assertEqual(commands("<< {lon} {lat} ; >>", size=4), ["0.0 0.0", "0.1 0.0", "0.0 0.1", "0.1 0.1"])


class TableTest(unittest.TestCase):
    def test_names_are_unique(self):
        twice = [name for name, count in collections.Counter(case.name for case in cases.CASES).items() if count > 1]
        self.assertEqual(twice, [])

    def test_all_words_of_the_table_can_be_filled(self):
        for case in cases.CASES:
            for template in (*case.templates(), case.neighbour, case.crowd):
                commands(template, dump=lambda key: b"")

    def test_a_case_calls_its_command(self):
        for case in cases.CASES:
            self.assertIn(case.command.replace("|", " ").upper(), case.call)

    def test_states_are_those_that_are_named(self):
        self.assertEqual(states.needed(["COPY hash x{c} REPLACE", "RESTORE y 0 @set", "GET k{i}"]), ["k", "hash", "set"])

    def test_a_state_has_all_its_elements(self):
        words = sum(len(part.split(b"\r\n$")) - 2 for part in states.fill("set", 1500))
        self.assertEqual(words, 1500 + len(list(states.fill("set", 1500))))


if __name__ == "__main__":
    unittest.main()
