"""The lines of the table: figures of a measurement, held against the bars of its cases."""

import dataclasses

from compare import figures, report
from compare.bench import CONTROL, DRIVER_SHARE_MAX

# Cluster mode off, emulated and yes are to cost the same, but for this.
MODES_APART_MAX = 0.05
# A share of requests that left more than a millisecond after their moment: the latencies are the driver's then.
LATE_SHARE_MAX = 0.001


@dataclasses.dataclass
class Row:
    """One line: a case, for one of our servers."""

    group: str
    name: str
    unit: str
    server: str
    bar: figures.Bar
    ours: float | None
    # Medians of the others by name, those that were measured elsewhere last.
    peers: dict
    judgement: figures.Judgement
    notes: list
    # All repetitions by server.
    repetitions: dict
    rates: dict

    def as_dict(self):
        return dataclasses.asdict(self)


@dataclasses.dataclass
class Modes:
    """How far the cluster modes are apart in one row."""

    name: str
    apart: float
    # Highest : lowest ratio of two modes over the repetitions: what is less apart than that may be chance.
    spread: float
    is_met: bool


def rows_of(case, sheet, ours, peers, unsteady_factor):
    """A row for each of our servers (names); the first of the peers (names) is the yardstick."""
    repetitions = sheet.of(case.metric)
    yardstick = repetitions.get(peers[0], []) if peers and not case.ours_only else []
    shown = {} if case.ours_only else {name: figures.median(repetitions.get(name, [])) for name in peers}
    shown.update({f"{name} {report.ELSEWHERE}": figure for name, figure in case.elsewhere})
    for name in ours:
        values = repetitions.get(name, [])
        judgement = figures.judge(case.bar, values, yardstick, unsteady_factor)
        notes = [*sheet.notes, *_remarks(case, sheet, [name, *peers])]
        yield Row(case.group, case.name, case.unit, name, case.bar, figures.median(values), shown, judgement, notes, repetitions,
                  {key: figures.median(rates) for key, rates in sheet.of("rate").items()})


def _remarks(case, sheet, names):
    """What makes this row's figures less than they seem."""
    for name, shares in sheet.of("driver_share").items():
        share = figures.median(shares)
        if name in names and share > DRIVER_SHARE_MAX:
            yield f"driver at {share:.0%} of its core with {name}"
    for name, shares in sheet.of("late_share").items():
        share = figures.median(shares)
        if name in names and share > LATE_SHARE_MAX:
            yield f"{share:.1%} of requests left late with {name}"
    for name, shares in sheet.of("disturbed_share").items():
        if name in names and case.metric.startswith(("longest", "p50", "p99")):
            yield (f"machine disturbed for {figures.median(shares):.1%} of the time with {name}: stopped for up to "
                   f"{max(sheet.of('stopped_ms')[name]):.3g} ms, its clock up to {max(sheet.of('slowness')[name]):.3g} times slower")
    control = figures.median(sheet.of(case.metric).get(CONTROL, []))
    if control is not None:
        yield f"{CONTROL}: {report.figure(control, case.unit)} {case.unit}"
    for name, _ in case.elsewhere:
        yield f"the bar is {name}'s figure, which was measured elsewhere"


def modes_of(case, sheet, ours):
    """[Modes], of one or none: what all modes of ours have figures of, where the case is about CPU time."""
    if case.metric != "cpu_ns":
        return []
    repetitions, turns = sheet.of("cpu_ns"), sheet.of("cpu_ns_turn")
    lists = [values for name in ours if (values := repetitions.get(name))]
    # Turn by turn: what was measured within one second has met the same machine.
    apart = figures.apart([turns.get(name, []) for name in ours if repetitions.get(name)])
    if apart is None:
        return []
    spread = max(figures.spread(figures.paired(values, lists[0])) for values in lists[1:])
    return [Modes(case.name, apart, spread, apart <= MODES_APART_MAX)]
