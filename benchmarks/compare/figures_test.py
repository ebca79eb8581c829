"""Medians, ratios, verdicts, and what is called unsteady."""

import unittest

from compare import figures
from compare.figures import Bar, judge


class FiguresTest(unittest.TestCase):
    def test_median_of_nothing_is_no_figure(self):
        self.assertIsNone(figures.median([]))
        self.assertEqual(figures.median([3, 1, 2]), 2)

    def test_ratios_are_taken_within_a_repetition_so_that_drift_of_the_machine_is_in_none(self):
        # The machine is half as fast from the third repetition on, for both.
        ours, theirs = [100, 100, 200, 200, 200], [300, 300, 600, 600, 600]
        self.assertEqual(figures.paired(theirs, ours), [3, 3, 3, 3, 3])
        self.assertFalse(judge(Bar("times", 2.8, 3.5), ours, theirs).unsteady)

    def test_spread_of_one_repetition_is_none(self):
        self.assertEqual(figures.spread([7]), 1.0)
        self.assertEqual(figures.spread([2, 3]), 1.5)
        self.assertEqual(figures.spread([0, 3]), float("inf"))

    def test_percentile_is_one_of_the_values(self):
        self.assertEqual(figures.percentile(range(100), 0.99), 99)
        self.assertNotEqual(figures.percentile([], 0.5), figures.percentile([], 0.5))


class JudgeTest(unittest.TestCase):
    def verdict(self, bar, ours, theirs=()):
        return judge(bar, list(ours), list(theirs)).verdict

    def test_times_wants_the_yardstick_to_cost_that_many_times_more(self):
        bar = Bar("times", 2.8, 3.5)
        self.assertEqual(self.verdict(bar, [100], [279]), figures.SHORT)
        self.assertEqual(self.verdict(bar, [100], [280]), figures.MUST)
        self.assertEqual(self.verdict(bar, [100], [350]), figures.AIM)

    def test_share_wants_ours_to_be_at_most_that_part_of_the_yardstick(self):
        bar = Bar("share", 0.5, 0.4)
        self.assertEqual(self.verdict(bar, [51], [100]), figures.SHORT)
        self.assertEqual(self.verdict(bar, [50], [100]), figures.MUST)
        self.assertEqual(self.verdict(bar, [40], [100]), figures.AIM)
        self.assertEqual(judge(bar, [50], [100]).ratio, 0.5)

    def test_at_most_looks_at_our_own_figure(self):
        bar = Bar("at_most", 101, 70)
        self.assertEqual(self.verdict(bar, [102], [50]), figures.SHORT)
        self.assertEqual(self.verdict(bar, [101]), figures.MUST)
        self.assertEqual(self.verdict(bar, [70]), figures.AIM)

    def test_at_least_without_an_aim_cannot_reach_one(self):
        bar = Bar("at_least", 1.6)
        self.assertEqual(self.verdict(bar, [1.5]), figures.SHORT)
        self.assertEqual(self.verdict(bar, [9]), figures.MUST)

    def test_without_figures_there_is_no_verdict(self):
        self.assertEqual(self.verdict(Bar("times", 2, 3), [], [100]), figures.NONE)
        self.assertEqual(self.verdict(Bar("times", 2, 3), [100], []), figures.NONE)
        self.assertEqual(self.verdict(Bar("at_most", 1, 0.2), []), figures.NONE)
        self.assertEqual(self.verdict(Bar("share"), [1], [2]), figures.NONE)

    def test_a_row_is_unsteady_when_its_ratios_differ_by_more_than_the_factor(self):
        bar = Bar("times", 2, 3)
        self.assertFalse(judge(bar, [100, 100], [300, 375]).unsteady)
        self.assertTrue(judge(bar, [100, 100], [300, 376]).unsteady)
        self.assertFalse(judge(bar, [100, 100], [300, 376], unsteady_factor=2).unsteady)

    def test_a_row_about_our_own_figure_is_unsteady_by_that_figure(self):
        bar = Bar("at_most", 1, 0.2)
        self.assertTrue(judge(bar, [1, 2], [10, 20]).unsteady)
        self.assertFalse(judge(bar, [1, 1], [10, 20]).unsteady)

    def test_the_verdict_is_the_medians_and_the_extremes_are_kept(self):
        judged = judge(Bar("times", 2, 3), [100, 100, 100], [150, 250, 260])
        self.assertEqual((judged.ratio, judged.lowest, judged.highest, judged.verdict), (2.5, 1.5, 2.6, figures.MUST))


class ApartTest(unittest.TestCase):
    def test_modes_are_compared_pair_by_pair(self):
        self.assertAlmostEqual(figures.apart([[100, 200], [103, 206], [101, 202]]), 0.03)

    def test_one_list_is_apart_from_nothing(self):
        self.assertIsNone(figures.apart([[100], []]))


if __name__ == "__main__":
    unittest.main()
