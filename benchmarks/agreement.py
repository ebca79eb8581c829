"""Whether the load driver's percentiles are right: beside redis-benchmark's, in turn, on the same server under the same load.

Where that can be watched (as root), only runs count in which nothing disturbed the machine: one that is stopped or slowed down for a
twentieth of the time has its own percentiles, and they are of different moments for the one and the other.

First a responder that keeps every batch waiting for a time between two others, each equally likely: what is to come out is known,
and both have to report it. Then redis-server. There both are closed loops whose own speed is a part of what they measure: with many
connections at a deep pipeline they fall into different rhythms with the server, and the same load is not the same any more.

Usage: tools/bazel run //benchmarks:agreement -- [--repeats=9] [--seconds=0.5] [--nice=-15]
"""

import argparse
import dataclasses
import os
import shutil
import subprocess
import sys
import time

from compare.driver import Driver
from compare.figures import median
from compare.servers import REDIS_COMMAND, Layout, Server, may_go_first, on_cores, place, take_precedence
from compare.watch import Watch

PERCENTILES = ("p50", "p95", "p99")
APART_MAX = 0.10
# redis-benchmark's histogram has no finer steps: 23 stands for 16 to 23.
STEP_US = 8
KEYS = 100000
LEAST_US, MOST_US = 1000, 5000
# Connections and pipeline.
DELAYED_LOADS = ((1, 1), (16, 16), (50, 1), (50, 64))
REDIS_LOADS = ((1, 1), (1, 16), (2, 16), (4, 16), (8, 16), (16, 16))
# A run in which the machine was disturbed for a larger share of the time is repeated, so many times for each that is wanted.
DISTURBED_SHARE_MAX = 0.002
TRIES_MAX = 4


def known(name):
    """A percentile of the delays."""
    return LEAST_US + (MOST_US - LEAST_US) * int(name[1:]) / 100


def apart(one, other, step):
    """The share by which they differ; `other` stands for so much, up to itself."""
    nearest = min(max(one, other - step + 1), other)
    return abs(one / nearest - 1)


@dataclasses.dataclass
class Bench:
    driver: Driver
    layout: Layout
    watch: str | None  # the binary; None: disturbances are not watched
    options: argparse.Namespace

    def watched(self, server, process):
        """Which process belongs to which core."""
        return {**dict.fromkeys(self.layout.servers, server.process.pid), **dict.fromkeys(self.layout.generator, process)}


@dataclasses.dataclass
class Run:
    latency_us: dict
    rate: float
    disturbed_share: float  # of its time; 0 where that is not watched


def run_driver(bench, server, load, **length):
    connections, pipeline = load
    flags = [f"--connections={connections}", *bench.driver.watching(bench.layout.servers)]
    result = bench.driver.measure(server, ["SET __key__ __data__"], pipeline, KEYS, *flags, **length)
    share = result["disturbed"]["total_us"] / 1e6 / result["duration_s"] if result["disturbed"] else 0
    return Run({name: result["latency_us"][name] for name in PERCENTILES}, result["operations_per_s"], share)


def run_redis_benchmark(bench, server, load, requests):
    """None if it did not end in time, which happens."""
    connections, pipeline = load
    words = ["redis-benchmark", "-p", server.port, "-c", connections, "-P", pipeline, "-n", requests, "-t", "set", "-r", KEYS, "-d", 32, "--csv"]
    begin_s = time.monotonic()
    benchmark = subprocess.Popen(on_cores(bench.layout.generator, list(map(str, words))), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch = Watch(bench.watch, bench.watched(server, benchmark.pid)) if bench.watch else None
    try:
        said, errors = benchmark.communicate(timeout=10 + 5 * bench.options.seconds)
    except subprocess.TimeoutExpired:
        benchmark.kill()
        benchmark.communicate()
        return None
    finally:
        took_s = time.monotonic() - begin_s
        disturbed_s = watch.end()["total_us"] / 1e6 if watch else 0
    if benchmark.returncode != 0:
        raise SystemExit(f"redis-benchmark: {errors}")
    # "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
    fields = [field.strip('"') for field in said.strip().splitlines()[-1].split(",")]
    latency_us = {name: 1000 * float(field) for name, field in zip(PERCENTILES, fields[4:7])}
    return Run(latency_us, float(fields[1]), disturbed_s / took_s)


def least_disturbed(runs, count):
    return sorted(runs, key=lambda run: run.disturbed_share)[:count]


def measure(bench, server, load):
    """The runs that count: (the driver's, redis-benchmark's)."""
    repeats = bench.options.repeats
    rate = run_driver(bench, server, load, duration_s=0.3).rate
    requests = max(100, int(rate * bench.options.seconds) // load[1] * load[1])
    ours, theirs = [], []
    for turn in range(TRIES_MAX * repeats):
        if min(sum(run.disturbed_share <= DISTURBED_SHARE_MAX for run in made) for made in (ours, theirs)) >= repeats:
            break
        for is_ours in (turn % 2 == 0, turn % 2 == 1):
            if is_ours:
                ours.append(run_driver(bench, server, load, requests=requests))
            elif found := run_redis_benchmark(bench, server, load, requests):
                theirs.append(found)
    if not theirs:
        raise SystemExit("redis-benchmark has never ended in time")
    return least_disturbed(ours, repeats), least_disturbed(theirs, repeats)


def medians(runs):
    return {name: median([run.latency_us[name] for run in runs]) for name in PERCENTILES}


def line(load, columns, said):
    texts = [" / ".join(f"{figures[name]:,.0f}" for name in PERCENTILES) if figures else "-" for figures in columns]
    return f"  {load[0]:>11} {load[1]:>9}" + "".join(f"{text:>25}" for text in texts) + f"  {said}"


def compare(bench, server, loads, truth):
    """Prints a line for each load; returns for how many all percentiles agree."""
    agreed = 0
    for load in loads:
        runs = measure(bench, server, load)
        ours, theirs = map(medians, runs)
        furthest = max([apart(ours[name], theirs[name], STEP_US) for name in PERCENTILES] + [apart(ours[name], truth[name], 1) for name in truth])
        is_good = furthest <= APART_MAX
        agreed += is_good
        our_rate, their_rate = (median([run.rate for run in made]) for made in runs)
        said = f"{'agree' if is_good else 'APART'}, at most {furthest:.0%}; {our_rate:,.0f} and {their_rate:,.0f} a second"
        disturbed = max(run.disturbed_share for made in runs for run in made)
        if disturbed > DISTURBED_SHARE_MAX:
            said += f"; machine disturbed for up to {disturbed:.1%} of a run"
        print(line(load, (truth, ours, theirs), said), flush=True)
    return agreed


def main():
    parser = argparse.ArgumentParser(prog="agreement", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", default="benchmarks/load/load", help="the driver's binary")
    parser.add_argument("--responder", default="benchmarks/responder", help="the responder's binary")
    parser.add_argument("--watch", default="benchmarks/load/watch", help="the binary that watches for disturbances")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5, help="length of one run")
    parser.add_argument("--nice", type=int, default=0, help="for all that is measured; -15 where others work on the machine meanwhile (needs root)")
    options = parser.parse_args()
    missing = [name for name in ("redis-server", "redis-benchmark") if not shutil.which(name)]
    if missing:
        parser.error(f"{' and '.join(missing)} not found in the PATH: the driver is measured beside them")
    take_precedence(options.nice)
    layout = place(os.sched_getaffinity(0), 1, 1)
    watch = options.watch if layout.servers and may_go_first() else None
    bench = Bench(Driver(options.load, layout.generator, realtime=watch is not None), layout, watch, options)
    print(f"{layout.text()}; p50 / p95 / p99 in µs, medians of {options.repeats} runs of {options.seconds:g} s each, in turn"
          f"{', in which nothing disturbed the machine' if watch else ''}", flush=True)
    agreed = 0
    for name, words, loads, truth in (
            (f"a responder that waits {LEAST_US} to {MOST_US} µs", (options.responder, "--port={port}", f"--delay_us={LEAST_US}..{MOST_US}"),
             DELAYED_LOADS, {name: known(name) for name in PERCENTILES}),
            ("redis-server", REDIS_COMMAND, REDIS_LOADS, {})):
        print(f"\n{name}\n  {'connections':>11} {'pipeline':>9}{'known':>25}{'driver':>25}{'redis-benchmark':>25}", flush=True)
        server = Server(name, words, layout.servers)
        try:
            agreed += compare(bench, server, loads, truth)
        finally:
            server.stop()
    print(f"\n{agreed} of {len(DELAYED_LOADS) + len(REDIS_LOADS)} loads agree within {APART_MAX:.0%}; redis-benchmark's figures come in steps of {STEP_US} µs")


if __name__ == "__main__":
    sys.exit(main())
