"""The table as a page: one picture a group, each an inline SVG, and the figures below it. One file, which fetches nothing."""

import html
import math

from compare import report

LABEL_X = 8
PLOT_X = 330
PLOT_WIDTH = 480
FIGURES_X = PLOT_X + PLOT_WIDTH + 12
WIDTH = FIGURES_X + 170
TOP = 30
ROW_HEIGHT = 26
BAR_HEIGHT = 12

STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #1c2024; --quiet: #646b73; --line: #d9dde2; --reached: #2563a8;
  --short: #c2571a; --peer: #9aa3ad; --mark: #1c2024; }
@media (prefers-color-scheme: dark) { :root { --page: #15181c; --ink: #e6e8eb; --quiet: #9aa3ad; --line: #343a41; --reached: #6aa9ee;
  --short: #f0955a; --peer: #6b747e; --mark: #e6e8eb; } }
body { margin: 0 auto; padding: 24px 20px 48px; max-width: 1040px; background: var(--page); color: var(--ink);
  font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 32px 0 4px; } p { margin: 4px 0; color: var(--quiet); }
svg { display: block; width: 100%; height: auto; } svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .quiet { fill: var(--quiet); } svg .grid { stroke: var(--line); } svg .reached { fill: var(--reached); }
svg .short { fill: var(--short); } svg .peer { fill: var(--peer); } svg .must { stroke: var(--mark); stroke-width: 2; }
svg .aim { stroke: var(--mark); stroke-width: 2; stroke-dasharray: 3 2; } svg .whisker { stroke: var(--mark); stroke-width: 1; }
details { margin-top: 6px; } summary { cursor: pointer; color: var(--quiet); } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; } th, td { padding: 2px 10px; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); } th:first-child, td:first-child, td:last-child { text-align: left; }
.key { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 12px; } .key:first-child { margin-left: 0; }
.tick { display: inline-block; width: 0; height: 12px; margin: 0 5px 0 14px; border-left: 2px solid var(--mark); vertical-align: -2px; }
.tick.dashed { border-left-style: dotted; }
"""


def escape(text):
    return html.escape(str(text), quote=True)


class LogScale:
    """Ratios: each doubling is equally wide."""

    def __init__(self, lowest, highest):
        self.low, self.high = math.log2(lowest), math.log2(highest)

    def x(self, value):
        share = (math.log2(max(value, 1e-9)) - self.low) / (self.high - self.low)
        return PLOT_X + PLOT_WIDTH * min(1.0, max(0.0, share))

    def ticks(self):
        return [2.0 ** power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]


class LinearScale:
    """Figures from zero."""

    def __init__(self, highest):
        self.high = highest

    def x(self, value):
        return PLOT_X + PLOT_WIDTH * min(1.0, max(0.0, value / self.high))

    def ticks(self):
        step = 10.0 ** math.floor(math.log10(self.high))
        if self.high / step < 2:
            step /= 5
        elif self.high / step < 5:
            step /= 2
        return [step * number for number in range(int(self.high / step + 1e-9) + 1)]


def page(title, lines, rows, ours):
    """The whole page; `lines` are said below the title, `ours` names our servers."""
    parts = [f"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{escape(title)}</title>",
             f"<meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>"]
    parts += [f"<p>{escape(line)}</p>" for line in lines]
    for group in dict.fromkeys(row.group for row in rows):
        members = [row for row in rows if row.group == group]
        parts.append(f"<h2>{escape(group)}</h2>{picture(members, ours)}{_figures(members)}")
    return "\n".join(parts) + "\n</body></html>\n"


def picture(rows, ours):
    """The SVG of one group, with its key above: ratios if the bars are ratios of CPU time, figures otherwise."""
    drawn = [row for row in rows if row.ours is not None]
    if not drawn:
        return "<p>No figures.</p>"
    are_ratios = drawn[0].bar.kind == "times"
    if are_ratios and all(row.judgement.ratio is None for row in drawn):
        return "<p>No server to compare with.</p>"
    return _ratios(drawn, ours) if are_ratios else _absolute(drawn, ours)


def _key(*entries):
    return "<p>" + "".join(f"<span class=\"{kind}\"{style}></span>{escape(text)}" for kind, style, text in entries) + "</p>"


def _color(name):
    return f" style=\"background:var(--{name})\""


MARKS = (("tick", "", "must"), ("tick dashed", "", "aim"))


def _ratios(rows, ours):
    rows = [row for row in rows if row.judgement.ratio is not None]
    values = [value for row in rows for value in (row.judgement.lowest, row.judgement.highest, row.bar.must, row.bar.aim) if value]
    scale = LogScale(min(0.5, *values), 2.0 ** math.ceil(math.log2(max(values) * 1.05)))
    body = [_grid(scale, len(rows), lambda tick: f"{tick:g} x")]
    for number, row in enumerate(rows):
        y = TOP + number * ROW_HEIGHT
        reached = row.judgement.verdict in ("aim", "met", "")
        begin, end = sorted((scale.x(1.0), scale.x(row.judgement.ratio)))
        body.append(_label(row, ours, y) + _bar(begin, end, y + 7, BAR_HEIGHT, "reached" if reached else "short", row))
        if row.judgement.highest > row.judgement.lowest:
            body.append(f"<line class=\"whisker\" x1=\"{scale.x(row.judgement.lowest):.1f}\" x2=\"{scale.x(row.judgement.highest):.1f}\" y1=\"{y + 13}\" y2=\"{y + 13}\"/>")
        body.append(_marks(scale, row.bar.must, row.bar.aim, y) + _text(f"{row.judgement.ratio:.2f} x  {_result(row)}", y))
    yardstick = next(iter(rows[0].peers))
    key = _key(("key", _color("reached"), f"CPU time of {yardstick} : ours"), ("key", _color("short"), "short of what it must"), *MARKS)
    return key + _svg(len(rows), body)


def _absolute(rows, ours):
    bars = [(row, *_absolute_bars(row)) for row in rows]
    values = [value for row, must, aim in bars for value in (row.ours, must, aim, *row.peers.values()) if value]
    scale = LinearScale(max(values) * 1.05)
    body = [_grid(scale, len(rows), lambda tick: f"{tick:,.10g}")]
    for number, (row, must, aim) in enumerate(bars):
        y = TOP + number * ROW_HEIGHT
        measured = [value for name, value in row.peers.items() if value and not name.endswith(report.ELSEWHERE)]
        kind = "short" if row.judgement.verdict == "SHORT" else "reached"
        body.append(_label(row, ours, y) + _bar(scale.x(0), scale.x(row.ours), y + 4, BAR_HEIGHT, kind, row))
        body += [_bar(scale.x(0), scale.x(value), y + 17, 4, "peer", row) for value in measured[:1]]
        body.append(_marks(scale, must, aim, y) + _text(f"{report.figure(row.ours, row.unit)}  {_result(row)}", y))
    key = _key(("key", _color("reached"), "ours"), ("key", _color("short"), "ours, short of what it must"),
               *([("key", _color("peer"), f"{peer}, below")] if (peer := next(iter(rows[0].peers), None)) else []), *MARKS)
    return key + _svg(len(rows), body)


def _absolute_bars(row):
    """(must, aim) in the row's own unit: a share of the yardstick is one in this run."""
    if row.bar.kind != "share":
        return row.bar.must, row.bar.aim
    yardstick = next((value for value in row.peers.values() if value), None)
    if yardstick is None or row.bar.must is None:
        return None, None
    return row.bar.must * yardstick, row.bar.aim * yardstick if row.bar.aim else None


def _svg(count, body):
    height = TOP + count * ROW_HEIGHT + 6
    return f"<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">{''.join(body)}</svg>"


def _grid(scale, count, text):
    bottom = TOP + count * ROW_HEIGHT
    return "".join(f"<line class=\"grid\" x1=\"{scale.x(tick):.1f}\" x2=\"{scale.x(tick):.1f}\" y1=\"{TOP - 6}\" y2=\"{bottom}\"/>"
                   f"<text class=\"quiet\" x=\"{scale.x(tick):.1f}\" y=\"{TOP - 12}\" text-anchor=\"middle\">{text(tick)}</text>"
                   for tick in scale.ticks())


def _label(row, ours, y):
    text = f"{row.name} ({row.server})" if len(ours) > 1 else row.name
    return f"<text x=\"{LABEL_X}\" y=\"{y + 17}\">{escape(text)}</text>"


def _bar(begin, end, y, height, kind, row):
    title = "; ".join(f"{name} {', '.join(report.figure(value, row.unit) for value in values)}" for name, values in row.repetitions.items() if values)
    return (f"<rect class=\"{kind}\" x=\"{begin:.1f}\" y=\"{y}\" width=\"{max(1.0, end - begin):.1f}\" height=\"{height}\" rx=\"1\">"
            f"<title>{escape(title)}</title></rect>")


def _marks(scale, must, aim, y):
    return "".join(f"<line class=\"{kind}\" x1=\"{scale.x(value):.1f}\" x2=\"{scale.x(value):.1f}\" y1=\"{y + 2}\" y2=\"{y + 23}\"/>"
                   for kind, value in (("must", must), ("aim", aim)) if value is not None)


def _result(row):
    """The verdict without its figures, for which there is no room."""
    return report.verdict(row).partition(" (")[0]


def _text(text, y):
    return f"<text class=\"quiet\" x=\"{FIGURES_X}\" y=\"{y + 17}\">{escape(text.strip())}</text>"


def _figures(rows):
    peers = list(dict.fromkeys(name for row in rows for name in row.peers))
    cells = lambda tag, words: "<tr>" + "".join(f"<{tag}>{escape(word)}</{tag}>" for word in words) + "</tr>"
    lines = [cells("th", ["", "server", "ours", *peers, "ratio", "lowest", "highest", "must", "aim", "ours, op/s", "result"])]
    for row in rows:
        rate = row.rates.get(row.server)
        lines.append(cells("td", [row.name, row.server, report.figure(row.ours, row.unit),
                                  *[report.figure(row.peers.get(name), row.unit) for name in peers],
                                  report.ratio(row.judgement.ratio),
                                  *[report.judged(row, value) for value in (row.judgement.lowest, row.judgement.highest)],
                                  report.wanted(row.bar, row.bar.must, row.unit), report.wanted(row.bar, row.bar.aim, row.unit),
                                  "-" if rate is None else f"{rate:,.0f}", "; ".join([report.verdict(row), *report.remarks(row)]).strip("; ")]))
    return f"<details><summary>Figures</summary><div class=\"scroll\"><table>{''.join(lines)}</table></div></details>"
