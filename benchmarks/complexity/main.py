"""Shows that no command is worse in complexity than Redis documents.

For each case of benchmarks/complexity/cases.py both servers are asked to do the same at growing sizes N; printed is how many
times as much CPU time a call takes at the largest size as at the smallest: ours, redis-server's, and what the documented formula
permits.

Usage: tools/bazel run //benchmarks:complexity -- [--cases=PATTERN] [--json=FILE]
"""

import argparse
import json
import os
import re
import signal
import sys
import time

from compare.main import machine, where_asked
from compare.servers import our_subjects, peer_subjects, place, take_precedence
from complexity import documents, states
from complexity.cases import CASES
from complexity.formulas import BEYOND, BOUNDED, OK, WORSE, has_bound, judge
from complexity.measure import Runner, fill, make_ready, wait_until_freed
from complexity.table import Row, summary, table

SIZES = (1024, 16384, 262144)
QUICK_SIZES = (64, 1024)
REPEATS = 3


def parse(arguments):
    parser = argparse.ArgumentParser(prog="complexity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="server/server", help="our server's binary")
    parser.add_argument("--cases", default="", metavar="PATTERN", help="only cases that the regular expression finds, as '^zrange|half of N'")
    parser.add_argument("--list", action="store_true", help="prints the cases, and measures nothing")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows whether all works, the verdicts mean nothing")
    parser.add_argument("--nice", type=int, default=0, help="for all that is measured; -15 where others work on the machine meanwhile (needs root)")
    parser.add_argument("--json", metavar="FILE", help="all figures")
    return parser.parse_args(arguments)


class Measured:
    """Seconds of a call by server, case and size. What is measured again counts if it is less."""

    def __init__(self, servers):
        self.servers = servers
        self.seconds = {server.name: {} for server in servers}

    def of(self, server, case, sizes):
        found = self.seconds[server.name].get(case.name, {})
        return {size: found[size] for size in sizes if size in found}

    def take(self, cases, sizes, repeats):
        for size in sizes:
            begin = time.monotonic()
            for stage in stages_of(cases):
                self._take_stage(stage, size, repeats, checked=size == sizes[0])
            print(f"N = {size:,}: {len(cases)} cases in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)

    def _take_stage(self, cases, size, repeats, checked):
        names = states.needed([template for case in cases for template in case.templates()])
        for server in self.servers:
            fill(server, size, names)
        for case in cases:
            for server in self.servers:
                found = self.seconds[server.name].setdefault(case.name, {})
                wait_until_freed(server)
                taken = Runner(server, case, size, checked).seconds_a_call(repeats)
                found[size] = min(taken, found.get(size, taken))


def stages_of(cases):
    """Keys with deadlines are there only for those who ask for them: a server looks through them in the background."""
    with_deadlines = [case for case in cases if "d" in states.needed(case.templates())]
    without = [case for case in cases if case not in with_deadlines]
    return [stage for stage in (with_deadlines, without) if stage]


def rows_of(measured, cases, documented, sizes):
    rows = []
    for case in cases:
        ours, peer = (measured.of(server, case, sizes) for server in measured.servers)
        rows.append(Row(case, documented.get(case.command, ""), ours, peer, judge(case.formula, ours, peer)))
    return rows


def with_bounds(measured, rows, sizes):
    """Those that are worse are asked for once more, at a size beyond all."""
    largest, beyond = sizes[-1], BEYOND * sizes[-1]
    worse = [row.case for row in rows if row.judgement.verdict == WORSE]
    if not worse:
        return rows
    measured.take(worse, [beyond], REPEATS)
    found = []
    for row in rows:
        if row.case in worse:
            row = row.measured_beyond(measured.of(measured.servers[0], row.case, [beyond]))
            if has_bound(row.case.formula, (largest, row.ours[largest]), (beyond, row.beyond[beyond])):
                row = row.with_verdict(BOUNDED)
        found.append(row)
    return found


def main(arguments=None):
    options = parse(arguments)
    cases = [case for case in CASES if re.search(options.cases, case.name)]
    if not cases:
        raise SystemExit(f"--cases={options.cases}: no case is called so; --list shows them")
    if options.list:
        print("\n".join(f"{case.name}: O({case.formula})" for case in cases))
        return []
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    take_precedence(options.nice)
    sizes = QUICK_SIZES if options.quick else SIZES
    layout = place(os.sched_getaffinity(0), 1, 1)
    subjects = [*our_subjects(options.server, "off", 1), *peer_subjects([], str.split)]
    print(f"{machine()}; {layout.text()}; N = {', '.join(f'{size:,}' for size in sizes)}", flush=True)
    if layout.generator:
        os.sched_setaffinity(0, layout.generator)
    begin, servers = time.monotonic(), []
    try:
        for subject in subjects:
            servers.append(subject.start(layout.servers))
            make_ready(servers[-1])
        documented = documents.complexities(servers[-1])
        measured = Measured(servers)
        measured.take(cases, sizes, 0 if options.quick else REPEATS)
        rows = rows_of(measured, cases, documented, sizes)
        again = [row.case for row in rows if row.judgement.verdict != OK]
        if again and not options.quick:
            measured.take(again, sizes, REPEATS)
            rows = with_bounds(measured, rows_of(measured, cases, documented, sizes), sizes)
    finally:
        for server in servers:
            server.stop()
    print("\n".join([*table(rows, subjects[-1].name), "", summary(rows), f"{time.monotonic() - begin:.0f} s"]))
    if options.json:
        with open(where_asked(options.json), "w", encoding="utf-8") as file:
            json.dump({"damselfly_complexity": 1, "sizes": sizes, "rows": [row.as_dict() for row in rows]}, file, indent=1)
            file.write("\n")
    return rows


if __name__ == "__main__":
    sys.exit(any(row.judgement.verdict == WORSE for row in main()))
