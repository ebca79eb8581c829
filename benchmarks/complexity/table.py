"""The table as text."""

import dataclasses

from complexity.cases import Case
from complexity.formulas import AS_PEER, BOUNDED, OK, WORSE, Judgement, terms

DOCUMENTED_WIDTH = 26


@dataclasses.dataclass(frozen=True)
class Row:
    """`ours`, `peer` and `beyond` are {size: seconds of a call}; `beyond` is ours again, where it was asked for."""

    case: Case
    documented: str
    ours: dict
    peer: dict
    judgement: Judgement
    beyond: dict = dataclasses.field(default_factory=dict)

    def measured_beyond(self, seconds):
        return dataclasses.replace(self, beyond=seconds)

    def with_verdict(self, verdict):
        return dataclasses.replace(self, judgement=dataclasses.replace(self.judgement, verdict=verdict))

    def as_dict(self):
        return {"command": self.case.command, "case": self.case.what, "formula": self.case.formula, "documented": self.documented,
                "ours_s": self.ours, "peer_s": self.peer, "beyond_s": self.beyond, **dataclasses.asdict(self.judgement)}


def times(factor):
    """How often: "x 1.4", "x 1,024"."""
    if factor is None:
        return "-"
    return f"x {factor:,.0f}" if factor >= 10 else f"x {factor:.1f}"


def shortened(text, width):
    return text if len(text) <= width else text[:width - 2] + ".."


def duration(seconds):
    """Nanoseconds as they are, and larger ones rounded: "312 ns", "4.1 us", "23 ms"."""
    for unit, factor in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        value = seconds * factor
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    return f"{seconds:.1f} s"


def _cells(row):
    judged = row.judgement
    first, last = min(row.ours), max(row.ours)
    return (row.case.command.upper().replace("|", " "), row.case.what, shortened(", ".join(terms(row.documented)), DOCUMENTED_WIDTH),
            row.case.formula, times(judged.permitted), times(judged.ours), times(judged.peer),
            f"{duration(row.ours[first])} to {duration(row.ours[last])}",
            judged.verdict + "".join(f", {duration(seconds)} at {size:,}" for size, seconds in row.beyond.items()))


def table(rows, peer):
    """The lines. Figures stand to the right."""
    cells = [("command", "asked for", "documented", "of this", "permitted", "damselfly", peer, "a call of ours", "verdict")]
    cells += [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    to_the_right = {4, 5, 6, 7}
    return ["  ".join(f"{text:>{width}}" if number in to_the_right else f"{text:{width}}"
                      for number, (text, width) in enumerate(zip(line, widths))).rstrip() for line in cells]


def summary(rows):
    count = lambda word: sum(row.judgement.verdict == word for row in rows)
    commands = len({row.case.command for row in rows})
    return (f"{commands} commands, {len(rows)} cases: {count(OK)} within what is documented, {count(AS_PEER)} grow more, as they do "
            f"in redis-server, {count(BOUNDED)} grow more up to a bound, {count(WORSE)} WORSE")
