"""Whether the load driver's percentiles are right: beside redis-benchmark's, in turn, on the same server under the same load.

Where that can be watched (as root), only runs count in which nothing disturbed the machine: one that is stopped or slowed down for a
twentieth of the time has its own percentiles, and they are of different moments for the one and the other.

First a responder that keeps every batch waiting for a time between two others, each equally likely: what is to come out is known,
and both have to report it. Then redis-server, in commands in which it sleeps: it is the limit, and neither the machine's speed nor
the other side's decides what the load is. Then redis-server as it is.

Both are closed loops, whose own speed is a part of what they measure: a client that is back sooner with the next request falls into
another rhythm with the server, and the load is not the same. So the driver is made as slow as redis-benchmark: it computes over each
reply (--work) for as long as redis-benchmark's CPU time for a request is more than its own, measured before on a responder that
answers at once.

Usage: tools/bazel run //benchmarks:agreement -- [--repeats=9] [--seconds=0.5] [--nice=-15]
"""

import argparse
import dataclasses
import os
import resource
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
LEAST_US, MOST_US = 1000, 5000
# Connections and pipeline.
DELAYED_LOADS = ((1, 1), (16, 16), (50, 1), (50, 64))
REDIS_LOADS = ((1, 1), (1, 16), (2, 16), (4, 16), (8, 16), (16, 16))
SLEEP_US = 200
SLEEPING_LOADS = ((1, 1), (1, 16), (4, 4), (4, 16), (16, 16), (50, 1))
# A run in which the machine was disturbed for a larger share of the time is repeated, so many times for each that is wanted.
DISTURBED_SHARE_MAX = 0.002
TRIES_MAX = 4
CALIBRATIONS = 3


def known(name):
    """A percentile of the delays."""
    return LEAST_US + (MOST_US - LEAST_US) * int(name[1:]) / 100


def apart(one, other, step):
    """The share by which they differ; `other` stands for so much, up to itself."""
    nearest = min(max(one, other - step + 1), other)
    return abs(one / nearest - 1)


@dataclasses.dataclass(frozen=True)
class Command:
    """One command in the words of both."""

    template: str
    flags: tuple  # of the driver
    keys: int
    benchmark: tuple  # redis-benchmark's


SET = Command("SET __key__ __data__", (), 100000, ("-t", "set", "-d", "32"))
# Twelve digits behind the point, so many millionths of a microsecond.
SLEEP = Command("DEBUG SLEEP __key__", ("--key_prefix=0.", "--key_bytes=14"), SLEEP_US * 1000000, ("DEBUG", "SLEEP", "0.__rand_int__"))


@dataclasses.dataclass(frozen=True)
class Subject:
    """A server and what it is asked."""

    name: str
    words: tuple
    command: Command
    loads: tuple
    truth: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Bench:
    driver: Driver
    layout: Layout
    watch: str | None  # the binary; None: disturbances are not watched
    calibrator: Server  # answers at once
    options: argparse.Namespace

    def watched(self, server, process):
        """Which process belongs to which core."""
        return {**dict.fromkeys(self.layout.servers, server.process.pid), **dict.fromkeys(self.layout.generator, process)}


@dataclasses.dataclass
class Run:
    latency_us: dict
    rate: float
    cpu_s: float  # of the client
    disturbed_share: float  # of its time; 0 where that is not watched


def run_driver(bench, server, command, load, work_ns=0, **length):
    connections, pipeline = load
    flags = [f"--connections={connections}", f"--work={work_ns}ns", *command.flags, *bench.driver.watching(bench.layout.servers)]
    result = bench.driver.measure(server, [command.template], pipeline, command.keys, *flags, **length)
    share = result["disturbed"]["total_us"] / 1e6 / result["duration_s"] if result["disturbed"] else 0
    return Run({name: result["latency_us"][name] for name in PERCENTILES}, result["operations_per_s"], result["driver"]["cpu_s"], share)


def run_redis_benchmark(bench, server, command, load, requests):
    """None if it did not end in time, which happens."""
    connections, pipeline = load
    words = ["redis-benchmark", "-p", server.port, "-c", connections, "-P", pipeline, "-n", requests, "-r", command.keys, "--csv", *command.benchmark]
    begin_s, begin_cpu_s = time.monotonic(), ended_children_cpu_s()
    benchmark = subprocess.Popen(on_cores(bench.layout.generator, list(map(str, words))), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch = Watch(bench.watch, bench.watched(server, benchmark.pid)) if bench.watch else None
    try:
        said, errors = benchmark.communicate(timeout=10 + 5 * bench.options.seconds)
        cpu_s = ended_children_cpu_s() - begin_cpu_s
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
    return Run(latency_us, float(fields[1]), cpu_s, disturbed_s / took_s)


def ended_children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def missing_work_ns(bench, load):
    """How much longer redis-benchmark is occupied with a request than the driver, where the server is never the limit."""
    server, one_batch = bench.calibrator, load[0] * load[1]
    requests = requests_of(bench, server, SET, load)
    ours, short, long = [], [], []
    for _ in range(CALIBRATIONS):
        ours.append(run_driver(bench, server, SET, load, requests=requests))
        short.append(run_redis_benchmark(bench, server, SET, load, one_batch))  # what it takes to begin and to end
        long.append(run_redis_benchmark(bench, server, SET, load, one_batch + requests))
    if not any(short) or not any(long):
        return 0
    cpu_s, short_cpu_s, long_cpu_s = (median([run.cpu_s for run in runs if run]) for runs in (ours, short, long))
    return max(0, round(1e9 * (long_cpu_s - short_cpu_s - cpu_s) / requests))


def requests_of(bench, server, command, load):
    """As many as the driver has answered within a run's time."""
    rate = run_driver(bench, server, command, load, duration_s=0.3).rate
    return max(100, int(rate * bench.options.seconds) // load[1] * load[1])


def least_disturbed(runs, count):
    return sorted(runs, key=lambda run: run.disturbed_share)[:count]


def measure(bench, server, command, load):
    """The runs that count: (the driver's, redis-benchmark's), and the driver's work on each reply."""
    repeats = bench.options.repeats
    requests = requests_of(bench, server, command, load)
    work_ns = missing_work_ns(bench, load)
    ours, theirs = [], []
    for turn in range(TRIES_MAX * repeats):
        if min(sum(run.disturbed_share <= DISTURBED_SHARE_MAX for run in made) for made in (ours, theirs)) >= repeats:
            break
        for is_ours in (turn % 2 == 0, turn % 2 == 1):
            if is_ours:
                ours.append(run_driver(bench, server, command, load, work_ns, requests=requests))
            elif found := run_redis_benchmark(bench, server, command, load, requests):
                theirs.append(found)
    if not theirs:
        raise SystemExit("redis-benchmark has never ended in time")
    return (least_disturbed(ours, repeats), least_disturbed(theirs, repeats)), work_ns


def medians(runs):
    return {name: median([run.latency_us[name] for run in runs]) for name in PERCENTILES}


def line(load, columns, said):
    texts = [" / ".join(f"{figures[name]:,.0f}" for name in PERCENTILES) if figures else "-" for figures in columns]
    return f"  {load[0]:>11} {load[1]:>9}" + "".join(f"{text:>25}" for text in texts) + f"  {said}"


def compare(bench, server, subject):
    """Prints a line for each load; returns for how many all percentiles agree."""
    agreed = 0
    truth = subject.truth
    for load in subject.loads:
        runs, work_ns = measure(bench, server, subject.command, load)
        ours, theirs = map(medians, runs)
        furthest = max([apart(ours[name], theirs[name], STEP_US) for name in PERCENTILES] + [apart(ours[name], truth[name], 1) for name in truth])
        is_good = furthest <= APART_MAX
        agreed += is_good
        our_rate, their_rate = (median([run.rate for run in made]) for made in runs)
        said = f"{'agree' if is_good else 'APART'}, at most {furthest:.0%}; {our_rate:,.0f} and {their_rate:,.0f} a second, {work_ns:,} ns of work"
        disturbed = max(run.disturbed_share for made in runs for run in made)
        if disturbed > DISTURBED_SHARE_MAX:
            said += f"; machine disturbed for up to {disturbed:.1%} of a run"
        print(line(load, (truth, ours, theirs), said), flush=True)
    return agreed


def compare_on(bench, subject):
    print(f"\n{subject.name}\n  {'connections':>11} {'pipeline':>9}{'known':>25}{'driver':>25}{'redis-benchmark':>25}", flush=True)
    server = Server(subject.name, subject.words, bench.layout.servers)
    try:
        return compare(bench, server, subject)
    finally:
        server.stop()


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
    calibrator = Server("a responder", (options.responder, "--port={port}"), layout.servers)
    bench = Bench(Driver(options.load, layout.generator, realtime=watch is not None), layout, watch, calibrator, options)
    print(f"{layout.text()}; p50 / p95 / p99 in µs, medians of {options.repeats} runs of {options.seconds:g} s each, in turn"
          f"{', in which nothing disturbed the machine' if watch else ''}", flush=True)
    subjects = (
        Subject(f"a responder that waits {LEAST_US} to {MOST_US} µs",
                (options.responder, "--port={port}", f"--delay_us={LEAST_US}..{MOST_US}"), SET, DELAYED_LOADS,
                {name: known(name) for name in PERCENTILES}),
        Subject(f"redis-server, which sleeps for up to {SLEEP_US} µs in each command",
                (*REDIS_COMMAND, "--enable-debug-command", "yes"), SLEEP, SLEEPING_LOADS),
        Subject("redis-server, SET", REDIS_COMMAND, SET, REDIS_LOADS))
    try:
        agreed = sum(compare_on(bench, subject) for subject in subjects)
    finally:
        calibrator.stop()
    print(f"\n{agreed} of {sum(len(subject.loads) for subject in subjects)} loads agree within {APART_MAX:.0%}; "
          f"redis-benchmark's figures come in steps of {STEP_US} µs")


if __name__ == "__main__":
    sys.exit(main())
