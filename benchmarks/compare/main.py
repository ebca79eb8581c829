"""Our server and its peers side by side: what an operation costs, and how far that is from the bar.

Servers have one worker on one core, the driver has other cores. All servers take turns within each repetition; CPU time is the
servers' own. The rows and their bars are those of benchmarks/compare/cases.py. Printed are medians; the ratio is the median of
the repetitions' own ratios.

Usage: tools/bazel run //benchmarks:compare -- [--rows=PATTERN] [--cluster_mode=all] [--json=FILE] [--html=FILE]
"""

import argparse
import json
import os
import platform
import shlex
import signal
import sys
import time

from compare import cases, chart, report
from compare.bench import Bench, Settings, Sheet
from compare.driver import Driver
from compare.figures import UNSTEADY_FACTOR
from compare.measurements import measure
from compare.rows import MODES_APART_MAX, modes_of, rows_of
from compare.servers import may_go_first, our_subjects, peer_subjects, place, take_precedence

STEADY_S = 0.5
# Shorter than what the machine does for a moment, and longer by far than the kernel takes to add to a thread's account.
TURN_S = 0.1
QUICK = {"repeats": 1, "turns": 1, "seconds": 0.03, "requests": 6400, "changing_requests": 6400, "keys_divisor": 1000, "steady_s": 0.03}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="server/server", help="our server's binary")
    parser.add_argument("--load", default="benchmarks/load/load", help="the driver's binary")
    parser.add_argument("--responder", default="benchmarks/responder", help="the binary of the responder that stores nothing")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="another server, {port} in its command; the first is the yardstick; redis-server comes first by itself if it is installed")
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only rows whose name or group the regular expression finds")
    parser.add_argument("--list", action="store_true", help="prints the rows and their bars, and measures nothing")
    parser.add_argument("--cluster_mode", default="off", choices=("off", "emulated", "yes", "all"), help="of our server; all: one server in each")
    parser.add_argument("--threads", type=int, default=1, help="worker threads of our server")
    parser.add_argument("--generator_threads", type=int, default=1, help="threads of the driver, each on a core of its own")
    parser.add_argument("--repeats", type=int, default=5, help="repetitions of each row; rows about memory and stalls have 3 at most")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one run of the driver")
    parser.add_argument("--requests", type=int, default=0, help="length of one run of the driver, instead of --seconds")
    parser.add_argument("--unsteady_factor", type=float, default=UNSTEADY_FACTOR, help="lowest : highest of a row's repetitions from which on it is unsteady")
    parser.add_argument("--nice", type=int, default=0, help="for all that is measured; -15 where others work on the machine meanwhile (needs root)")
    parser.add_argument("--realtime", default="auto", choices=("auto", "no"),
                        help="whether servers and driver go before all else where latencies are measured, if that is permitted")
    parser.add_argument("--quick", action="store_true", help="a thousandth of everything: shows whether it works, its figures mean nothing")
    parser.add_argument("--json", metavar="FILE", help="all figures, each repetition")
    parser.add_argument("--html", metavar="FILE", help="a page with charts")
    options = parser.parse_args(arguments)
    if options.repeats < 1 or options.seconds <= 0 or options.threads < 1 or options.generator_threads < 1:
        parser.error("--repeats, --seconds, --threads and --generator_threads are to be above 0")
    return options


def settings_of(options):
    realtime = options.realtime == "auto" and may_go_first()
    if options.quick:
        return Settings(realtime=realtime, **QUICK)
    turns = max(1, round(options.seconds / TURN_S))
    return Settings(options.repeats, turns, options.seconds, options.requests, options.requests or 500000, 1, STEADY_S, realtime)


def where_asked(path):
    """A path as whoever started the tool means it: `bazel run` starts it somewhere else."""
    return os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", ""), path)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} cores, {models[0] if models else platform.machine()}, Linux {platform.release()}"


def describe(options, settings, bench):
    length = f"{settings.requests} requests" if settings.requests else f"{settings.seconds:g} s"
    lines = [f"{machine()}; {bench.layout.text()}",
             f"medians of {settings.repeats}, runs of {length} in {settings.turns} turns, 50 connections; servers take turns; ratios to {bench.peers[0].name if bench.peers else 'nobody'}"]
    if settings.realtime:
        lines.append("latencies and stalls: servers and driver go before all else on their cores")
    if options.quick:
        lines.append("QUICK: a thousandth of the keys, no time to speak of: these figures mean nothing")
    return lines


def say_rows(selected):
    for case in selected:
        print(f"{case.group}: {case.name}: must {report.wanted(case.bar, case.bar.must, case.unit)}, "
              f"aim {report.wanted(case.bar, case.bar.aim, case.unit)}")


def take_all(bench, selected, options):
    """(rows, modes): all measurements of the selected cases."""
    rows, modes = [], []
    ours, peers = [subject.name for subject in bench.ours], [subject.name for subject in bench.peers]
    members = cases.by_measurement(selected)
    batches = cases.batches(members)
    for number, batch in enumerate(batches, 1):
        sheets, begin = {measurement: Sheet() for measurement in batch}, time.monotonic()
        measure(bench, list(sheets.items()))
        print(f"{number}/{len(batches)}: {time.monotonic() - begin:.1f} s", file=sys.stderr, flush=True)
        for measurement, sheet in sheets.items():
            for case in members[measurement]:
                rows += rows_of(case, sheet, ours, peers, options.unsteady_factor)
                modes += modes_of(case, sheet, ours)
            print(f"  {members[measurement][-1].name}: "
                  + ", ".join(f"{row.server} {report.figure(row.ours, row.unit)} {report.verdict(row)}".rstrip() for row in rows[-len(ours):]),
                  file=sys.stderr, flush=True)
    return sorted(rows, key=lambda row: cases.GROUPS.index(row.group)), modes


def write(options, lines, rows, modes, ours):
    if options.json:
        with open(where_asked(options.json), "w", encoding="utf-8") as file:
            json.dump({"damselfly_compare": 1, "about": lines, "settings": vars(options), "rows": [row.as_dict() for row in rows],
                       "cluster_modes": [vars(mode) for mode in modes]}, file, indent=1)
            file.write("\n")
    if options.html:
        with open(where_asked(options.html), "w", encoding="utf-8") as file:
            file.write(chart.page("Damselfly beside its peers", lines, rows, ours))


def main(arguments=None):
    options = parse(arguments)
    selected = cases.select(options.rows)
    if not selected:
        raise SystemExit(f"--rows={options.rows}: no row is called so; --list shows them")
    if options.list:
        say_rows(selected)
        return
    # So that the servers that run are stopped then, too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    take_precedence(options.nice)
    settings = settings_of(options)
    layout = place(os.sched_getaffinity(0), options.threads, options.generator_threads)
    ours, peers = our_subjects(options.server, options.cluster_mode, options.threads), peer_subjects(options.peer, shlex.split)
    driver = Driver(options.load, layout.generator, options.generator_threads, settings.realtime)
    bench = Bench(ours, peers, driver, layout, options.responder if os.path.exists(options.responder) else None, settings)
    lines = describe(options, settings, bench)
    print("\n".join(lines), flush=True)
    try:
        rows, modes = take_all(bench, selected, options)
    finally:
        bench.stop()
    names = [subject.name for subject in ours]
    print("\n".join(["", *report.table(rows, names), *report.modes(modes, MODES_APART_MAX), "", report.summary(rows)]))
    write(options, lines, rows, modes, names)


if __name__ == "__main__":
    main()
