"""What is made of measured figures: medians, ratios, verdicts. Nothing here measures anything."""

import dataclasses
import statistics

# Between the lowest and the highest of the repetitions.
UNSTEADY_FACTOR = 1.25

AIM, MUST, SHORT, NONE = "aim", "met", "SHORT", ""


def median(values):
    return statistics.median(values) if values else None


def percentile(values, share):
    return sorted(values)[int(len(values) * share)] if values else float("nan")


def paired(numerators, denominators):
    """The ratio of each repetition: both were measured within the same seconds, so the machine's drift is in neither."""
    return [above / below for above, below in zip(numerators, denominators) if below > 0]


def spread(values):
    """Highest : lowest; 1 where there is nothing to differ from."""
    if len(values) < 2:
        return 1.0
    return max(values) / min(values) if min(values) > 0 else float("inf")


@dataclasses.dataclass(frozen=True)
class Bar:
    """What a row has to reach. `kind` says what is held against the two numbers:

    times     yardstick : ours, at least
    share     ours : yardstick, at most
    at_most   our own figure
    at_least  our own figure
    """

    kind: str
    must: float | None = None
    aim: float | None = None

    def reaches(self, value, wanted):
        if value is None or wanted is None:
            return False
        return value >= wanted if self.kind in ("times", "at_least") else value <= wanted


@dataclasses.dataclass(frozen=True)
class Judgement:
    """`ratio` is None without a yardstick. `lowest` and `highest` are those of what the bar is about: ratios, or our own figures."""

    ratio: float | None
    lowest: float | None
    highest: float | None
    verdict: str
    unsteady: bool


def judge(bar, ours, yardstick, unsteady_factor=UNSTEADY_FACTOR):
    """Judges one row by its repetitions: `ours` and `yardstick` are lists in the order in which they were measured."""
    ratios = paired(ours, yardstick) if bar.kind == "share" else paired(yardstick, ours)
    judged = ratios if bar.kind in ("times", "share") else ours
    value = median(judged)
    if bar.must is None or value is None:
        verdict = NONE
    elif bar.aim is not None and bar.reaches(value, bar.aim):
        verdict = AIM
    else:
        verdict = MUST if bar.reaches(value, bar.must) else SHORT
    return Judgement(median(ratios), min(judged, default=None), max(judged, default=None), verdict, spread(judged) > unsteady_factor)


def apart(modes):
    """By how much the dearest of several lists of turns is above the cheapest: 0.03 for 3 %; None with less than two."""
    lists = [values for values in modes if values]
    if len(lists) < 2:
        return None
    # Each against the first, pair by pair, for the reason that `paired` names.
    relative = [median(paired(values, lists[0])) for values in lists]
    return max(relative) / min(relative) - 1
