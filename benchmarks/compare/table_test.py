"""From a sheet of figures to rows, the printed table and the page."""

import dataclasses
import json
import re
import unittest
import xml.dom.minidom

from compare import cases, chart, report
from compare.bench import CONTROL, Sheet
from compare.figures import Bar
from compare.rows import modes_of, rows_of

CASE = cases.Case(cases.CPU, "GET, pipeline 16", "ns", "cpu_ns", Bar("times", 2.8, 3.5), cases.Measurement("cpu", ("GET __key__",)))
MEMORY = cases.Case(cases.MEMORY, "string <16 & 32>", "bytes", "bytes_a_key", Bar("at_most", 101, 70),
                    cases.Measurement("memory"), elsewhere=(("valkey 8.1.1", 101),))
LATENCY = cases.Case(cases.LATENCY, "p99", "µs", "p99_us", Bar("share", 0.5, 0.4), cases.Measurement("latency"))


def sheet_of(metric, **figures):
    sheet = Sheet()
    for name, values in figures.items():
        for value in values:
            sheet.add(metric, name.replace("_", " "), value)
    return sheet


def sheet_of_turns(**figures):
    """Of CPU times, one turn a repetition."""
    sheet = sheet_of("cpu_ns", **figures)
    sheet.figures.update(sheet_of("cpu_ns_turn", **figures).figures)
    return sheet


def rows(case, sheet, ours=("ours",), peers=("redis", "other")):
    return list(rows_of(case, sheet, list(ours), list(peers), 1.25))


class RowsTest(unittest.TestCase):
    def test_the_first_peer_is_the_yardstick_and_all_are_shown(self):
        row, = rows(CASE, sheet_of("cpu_ns", ours=[100, 110], redis=[300, 330], other=[50, 70]))
        self.assertEqual((row.ours, row.peers, row.judgement.ratio, row.judgement.verdict), (105, {"redis": 315, "other": 60}, 3, "met"))

    def test_each_of_our_servers_has_a_row(self):
        found = rows(CASE, sheet_of("cpu_ns", a=[100], b=[200], redis=[400]), ours=("a", "b"))
        self.assertEqual([(row.server, row.judgement.ratio) for row in found], [("a", 4), ("b", 2)])

    def test_a_figure_from_elsewhere_is_shown_marked_and_never_divided(self):
        row, = rows(MEMORY, sheet_of("bytes_a_key", ours=[65]), peers=())
        self.assertEqual(row.peers, {f"valkey 8.1.1 {report.ELSEWHERE}": 101})
        self.assertIsNone(row.judgement.ratio)
        self.assertEqual(row.judgement.verdict, "aim")
        self.assertIn("elsewhere", " ".join(row.notes))

    def test_a_busy_driver_is_named_with_its_server(self):
        sheet = sheet_of("cpu_ns", ours=[100], redis=[300])
        for name, share in (("ours", 0.97), ("redis", 0.5)):
            sheet.add("driver_share", name, share)
        row, = rows(CASE, sheet)
        self.assertEqual(row.notes, ["driver at 97% of its core with ours"])

    def test_the_responder_that_stores_nothing_is_told_beside(self):
        sheet = sheet_of("p99_us", ours=[40], redis=[100])
        sheet.add("p99_us", CONTROL, 35)
        sheet.add("late_share", "ours", 0.02)
        row, = rows(LATENCY, sheet)
        self.assertEqual(row.notes, ["2.0% of requests left late with ours", f"{CONTROL}: 35 µs"])
        self.assertNotIn(CONTROL, row.peers)

    def test_what_disturbed_the_machine_is_told_beside_the_longest_and_not_beside_the_servers_own_account(self):
        sheet = sheet_of("longest_ms", ours=[4])
        sheet.add("slowest_ms", "ours", 0.1)
        sheet.add("disturbed_share", "ours", 0.015)
        sheet.add("stopped_ms", "ours", 3.21)
        sheet.add("slowness", "ours", 12.34)
        row, = rows(dataclasses.replace(MEMORY, metric="longest_ms", elsewhere=()), sheet)
        self.assertEqual(row.notes, ["machine disturbed for 1.5% of the time with ours: stopped for up to 3.21 ms, its clock up to 12.3 times slower"])
        row, = rows(dataclasses.replace(MEMORY, metric="slowest_ms", elsewhere=()), sheet)
        self.assertEqual(row.notes, [])

    def test_modes_further_apart_than_allowed_are_found(self):
        sheet = sheet_of_turns(a=[100], b=[104], c=[106])
        found, = modes_of(CASE, sheet, ["a", "b", "c"])
        self.assertAlmostEqual(found.apart, 0.06)
        self.assertFalse(found.is_met)
        self.assertEqual(modes_of(CASE, sheet, ["a"]), [])

    def test_modes_are_held_against_each_other_turn_by_turn(self):
        sheet = sheet_of("cpu_ns", a=[100], b=[150])
        sheet.figures.update(sheet_of("cpu_ns_turn", a=[100, 200, 300], b=[102, 200, 300]).figures)
        found, = modes_of(CASE, sheet, ["a", "b"])
        self.assertAlmostEqual(found.apart, 0)


class TableTest(unittest.TestCase):
    def test_the_table_has_a_line_a_row_under_its_group(self):
        lines = report.table(rows(CASE, sheet_of("cpu_ns", ours=[453], redis=[1540])), ["ours"])
        self.assertEqual(re.split(r"  +", lines[0]), [cases.CPU, "ours", "redis", "other", "ratio", "must", "aim"])
        self.assertEqual(re.split(r"  +", lines[1].strip()), ["GET, pipeline 16", "453", "1,540", "-", "3.40", "2.8 x", "3.5 x", "met"])
        self.assertEqual(len(lines), 2)

    def test_an_unsteady_row_says_so_with_its_lowest_and_highest(self):
        row, = rows(CASE, sheet_of("cpu_ns", ours=[100, 100], redis=[300, 400]))
        self.assertEqual(report.verdict(row), "aim unsteady (3.00 to 4.00)")
        row, = rows(MEMORY, sheet_of("bytes_a_key", ours=[80, 120]))
        self.assertEqual(report.verdict(row), "met unsteady (80.0 to 120.0)")

    def test_a_command_that_we_do_not_have_yet_is_named(self):
        sheet = Sheet()
        sheet.note("not yet (HSET)")
        lines = report.table(rows(CASE, sheet), ["ours"])
        self.assertTrue(lines[1].endswith("not yet (HSET)"), lines[1])
        self.assertEqual(len(lines), 2)

    def test_a_note_stands_once_below_the_table(self):
        sheet = sheet_of("cpu_ns", ours=[100], redis=[300])
        sheet.note("one thing to know")
        lines = report.table([*rows(CASE, sheet), *rows(CASE, sheet)], ["ours"])
        self.assertEqual(sum("one thing to know" in line for line in lines), 1)
        self.assertEqual(sum(line.endswith("[1]") for line in lines), 2)

    def test_several_servers_of_ours_are_told_apart(self):
        lines = report.table(rows(CASE, sheet_of("cpu_ns", a=[100], b=[200]), ours=("a", "b")), ["a", "b"])
        self.assertRegex(lines[1], r"pipeline 16 +a +100")
        self.assertRegex(lines[2], r"pipeline 16 +b +200")

    def test_bars_are_printed_with_their_meaning(self):
        self.assertEqual(report.wanted(Bar("times", 2.8), 2.8, "ns"), "2.8 x")
        self.assertEqual(report.wanted(Bar("share", 0.5), 0.5, "µs"), "<= 0.5")
        self.assertEqual(report.wanted(Bar("at_least", 1.6), 1.6, "times"), ">= 1.60")
        self.assertEqual(report.wanted(Bar("at_most", 101), None, "bytes"), "-")

    def test_the_summary_counts(self):
        table = [*rows(CASE, sheet_of("cpu_ns", ours=[100], redis=[300])), *rows(CASE, sheet_of("cpu_ns", ours=[100], redis=[100])),
                 *rows(CASE, Sheet())]
        self.assertEqual(report.summary(table), "2 rows judged: 0 reach the aim, 1 what they must, 1 fall short; 0 unsteady; 1 without a figure")

    def test_modes_within_bounds_are_one_line_and_others_are_named(self):
        found = modes_of(CASE, sheet_of_turns(a=[100], b=[110]), ["a", "b"])
        text = "\n".join(report.modes(found, 0.05))
        self.assertIn("0 of 1 rows within 5%", text)
        self.assertIn("GET, pipeline 16: 10.0% apart, repetitions differ by 0%", text)
        self.assertEqual(report.modes([], 0.05), [])


class PageTest(unittest.TestCase):
    def page(self, *members):
        return chart.page("A & B", ["said <below>"], list(members), ["ours"])

    def pictures(self, text):
        return [xml.dom.minidom.parseString(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]

    def test_each_group_has_a_picture_and_all_text_is_escaped(self):
        text = self.page(*rows(CASE, sheet_of("cpu_ns", ours=[100], redis=[300])), *rows(MEMORY, sheet_of("bytes_a_key", ours=[65], redis=[140])))
        self.assertEqual(len(self.pictures(text)), 2)
        self.assertIn("A &amp; B", text)
        self.assertIn("string &lt;16 &amp; 32&gt;", text)

    def test_nothing_is_fetched(self):
        text = self.page(*rows(CASE, sheet_of("cpu_ns", ours=[100], redis=[300])))
        self.assertNotRegex(text, r"(src|href)=|url\(|@import|https?:")

    def test_it_follows_the_reader_into_the_dark(self):
        self.assertIn("prefers-color-scheme: dark", self.page())

    def test_a_bar_ends_at_its_ratio_and_the_must_mark_stands_at_the_bar(self):
        row, = rows(CASE, sheet_of("cpu_ns", ours=[100], redis=[280]))
        picture, = self.pictures(chart.picture([row], ["ours"]).partition("</p>")[2])
        bar, = picture.getElementsByTagName("rect")
        must, = [line for line in picture.getElementsByTagName("line") if line.getAttribute("class") == "must"]
        self.assertAlmostEqual(float(bar.getAttribute("x")) + float(bar.getAttribute("width")), float(must.getAttribute("x1")), delta=0.2)
        self.assertEqual(bar.getAttribute("class"), "reached")

    def test_a_row_that_falls_short_has_another_colour(self):
        row, = rows(MEMORY, sheet_of("bytes_a_key", ours=[140], redis=[141]))
        picture, = self.pictures(chart.picture([row], ["ours"]).partition("</p>")[2])
        self.assertEqual([bar.getAttribute("class") for bar in picture.getElementsByTagName("rect")], ["short", "peer"])

    def test_a_group_without_figures_says_so(self):
        self.assertIn("No figures.", self.page(*rows(CASE, Sheet())))
        self.assertIn("No server to compare with.", self.page(*rows(CASE, sheet_of("cpu_ns", ours=[100]))))

    def test_a_latency_is_held_against_its_share_of_the_yardstick(self):
        row, = rows(LATENCY, sheet_of("p99_us", ours=[100], redis=[100]))
        picture, = self.pictures(chart.picture([row], ["ours"]).partition("</p>")[2])
        marks = {line.getAttribute("class"): float(line.getAttribute("x1")) for line in picture.getElementsByTagName("line")}
        self.assertAlmostEqual((marks["must"] - chart.PLOT_X) / (marks["aim"] - chart.PLOT_X), 0.5 / 0.4, delta=0.01)

    def test_scales_have_round_ticks_within_them(self):
        self.assertEqual(chart.LinearScale(105).ticks(), [0, 20, 40, 60, 80, 100])
        self.assertEqual(chart.LogScale(0.5, 16).ticks(), [0.5, 1, 2, 4, 8, 16])

    def test_rows_can_be_kept_as_json(self):
        row, = rows(CASE, sheet_of("cpu_ns", ours=[100], redis=[300]))
        kept = json.loads(json.dumps(row.as_dict()))
        self.assertEqual((kept["repetitions"]["redis"], kept["judgement"]["verdict"]), ([300], "met"))


if __name__ == "__main__":
    unittest.main()
