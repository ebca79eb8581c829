"""The table as text."""

from compare.bench import NOT_YET

FIGURE_WIDTH = 13
# How figures are marked that were not measured in this run.
ELSEWHERE = "(elsewhere)"


def figure(value, unit):
    """A figure as it is printed: no more digits than it can have."""
    if value is None:
        return "-"
    if unit == "times":
        return f"{value:.2f}"
    if unit == "bytes":
        return f"{value:.1f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def wanted(bar, number, unit):
    """A bar's number with its meaning: "2.8 x", "<= 0.5", "<= 101"."""
    if number is None:
        return "-"
    if bar.kind == "times":
        return f"{number:g} x"
    if bar.kind == "at_least":
        return f">= {number:.2f}" if unit == "times" else f">= {number:g}"
    return f"<= {number:.2f}" if unit == "times" else f"<= {number:g}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def judged(row, value):
    """A value of what the row's bar is about: a ratio, or a figure."""
    return ratio(value) if row.bar.kind in ("times", "share") else figure(value, row.unit)


def verdict(row):
    """What the row comes to: "met", "SHORT unsteady (0.91 to 1.32)", "not yet (HSET)"."""
    words = [row.judgement.verdict] if row.judgement.verdict else []
    if row.ours is None:
        words.append(next((note for note in row.notes if note.startswith(NOT_YET)), "no figure"))
    elif row.judgement.unsteady:
        words.append(f"unsteady ({judged(row, row.judgement.lowest)} to {judged(row, row.judgement.highest)})")
    return " ".join(words)


def remarks(row):
    """The row's notes without those that its verdict has."""
    return [note for note in row.notes if not note.startswith(NOT_YET)]


def table(rows, ours):
    """The lines of all groups. Rows of one group follow each other; `ours` are the names of our servers."""
    lines, footnotes, group = [], {}, None
    columns = Columns(rows, ours)
    for row in rows:
        if row.group != group:
            group = row.group
            lines += ["", columns.heading(group)]
        marks = "".join(f"[{footnotes.setdefault(note, len(footnotes) + 1)}]" for note in remarks(row))
        lines.append(f"{columns.line(row)}  {verdict(row)} {marks}".rstrip())
    if footnotes:
        lines.append("")
        lines += [f"  [{number}] {note}" for note, number in footnotes.items()]
    return lines[1:]


class Columns:
    """How wide each is, for all groups alike."""

    def __init__(self, rows, ours):
        self.name = max(len(text) for row in rows for text in (row.group, row.name + "  ")) + 2
        # With several servers of ours their names are a column, with one they head the figures.
        self.server = 2 + max(map(len, ours)) if len(ours) > 1 else 0
        self.first = "ours" if len(ours) > 1 else ours[0]
        names = dict.fromkeys(name for row in rows for name in row.peers if not name.endswith(ELSEWHERE))
        self.peers = {name: max(FIGURE_WIDTH, len(name) + 2) for name in names}

    def heading(self, group):
        return (f"{group:{self.name}}{'':{self.server}}{self.first:>{FIGURE_WIDTH}}"
                + "".join(f"{name:>{width}}" for name, width in self.peers.items()) + f"{'ratio':>8}{'must':>9}{'aim':>9}")

    def line(self, row):
        server = f"{row.server:{self.server}}" if self.server else ""
        peers = "".join(f"{figure(row.peers.get(name), row.unit):>{width}}" for name, width in self.peers.items())
        return (f"  {row.name:{self.name - 2}}{server}{figure(row.ours, row.unit):>{FIGURE_WIDTH}}{peers}{ratio(row.judgement.ratio):>8}"
                f"{wanted(row.bar, row.bar.must, row.unit):>9}{wanted(row.bar, row.bar.aim, row.unit):>9}")


def modes(found, allowed):
    """The lines about cluster modes; none if there is only one."""
    if not found:
        return []
    worst = max(found, key=lambda mode: mode.apart)
    missed = [mode for mode in found if not mode.is_met]
    return ["", f"cluster mode off, emulated and yes: {len(found) - len(missed)} of {len(found)} rows within {allowed:.0%} of each other; "
            f"furthest apart {worst.name}, {worst.apart:.1%}",
            *[f"  {mode.name}: {mode.apart:.1%} apart, repetitions differ by {mode.spread - 1:.0%}" for mode in missed]]


def summary(rows):
    """One line: how many rows reach what."""
    judged = [row for row in rows if row.judgement.verdict]
    count = lambda word: sum(row.judgement.verdict == word for row in judged)
    unsteady = sum(row.judgement.unsteady for row in judged)
    return (f"{len(judged)} rows judged: {count('aim')} reach the aim, {count('met')} what they must, {count('SHORT')} fall short; "
            f"{unsteady} unsteady; {sum(row.ours is None for row in rows)} without a figure")
