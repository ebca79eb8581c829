"""What is made of formulas and figures, without a server."""

import unittest

from complexity.formulas import AS_PEER, LOG, N, N_LOG, OK, ONE, SQUARE, WORSE, growth, has_bound, is_constant, judge, terms


class GrowthTest(unittest.TestCase):
    def test_formulas_grow_as_their_names_say(self):
        self.assertEqual(growth(ONE, 1024, 1 << 20), 1)
        self.assertEqual(growth(LOG, 1024, 1 << 20), 2)
        self.assertEqual(growth(N, 1024, 1 << 20), 1024)
        self.assertEqual(growth(N_LOG, 1024, 1 << 20), 2048)
        self.assertEqual(growth(SQUARE, 1024, 1 << 20), 1024 * 1024)


class JudgeTest(unittest.TestCase):
    def test_growth_within_the_tolerance_is_well(self):
        judged = judge(ONE, {1000: 1.0, 100000: 3.9}, {1000: 1.0, 100000: 1.0})
        self.assertEqual((judged.verdict, judged.permitted, judged.ours, judged.peer), (OK, 4, 3.9, 1.0))

    def test_growth_beyond_it_is_worse_unless_the_peer_grows_as_well(self):
        self.assertEqual(judge(ONE, {1000: 1.0, 100000: 50.0}, {1000: 1.0, 100000: 2.0}).verdict, WORSE)
        self.assertEqual(judge(ONE, {1000: 1.0, 100000: 50.0}, {1000: 1.0, 100000: 30.0}).verdict, AS_PEER)
        self.assertEqual(judge(ONE, {1000: 1.0, 100000: 50.0}, {}).verdict, WORSE)

    def test_a_step_that_is_too_steep_is_found_though_the_whole_is_not(self):
        # The square of N, behind what each call costs at least.
        self.assertEqual(judge(N, {16: 1000.0, 256: 1000.0, 4096: 256000.0}, {16: 1.0, 256: 16.0, 4096: 256.0}).verdict, WORSE)

    def test_linear_is_not_worse_than_linear(self):
        self.assertEqual(judge(N, {16: 1.0, 4096: 256.0}, {}).verdict, OK)


class BoundTest(unittest.TestCase):
    def test_what_ends_growing_has_a_bound(self):
        self.assertTrue(has_bound(ONE, (1000, 50.0), (16000, 55.0)))
        self.assertTrue(has_bound(N, (1000, 50.0), (16000, 850.0)))

    def test_what_goes_on_growing_has_none_however_slowly(self):
        self.assertFalse(has_bound(ONE, (1000, 50.0), (16000, 70.0)))
        self.assertFalse(has_bound(LOG, (1024, 10.0), (16384, 20.0)))


class TermsTest(unittest.TestCase):
    def test_finds_formulas_in_a_text(self):
        self.assertEqual(terms("O(log(N)+M) with N being the number. Then O(1), and O(1) again."), ["O(log(N)+M)", "O(1)"])
        self.assertEqual(terms("Depends on what is executed."), [])

    def test_constant_is_only_what_is_so_for_a_whole_call(self):
        self.assertTrue(is_constant("O(1)"))
        self.assertTrue(is_constant("O(1). The amortized time is O(1)."))
        self.assertFalse(is_constant("O(1) for each field added"))
        self.assertFalse(is_constant("O(1), otherwise O(N)"))
        self.assertFalse(is_constant(""))


if __name__ == "__main__":
    unittest.main()
