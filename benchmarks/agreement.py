"""Whether the load driver's percentiles are right: beside redis-benchmark's, in turn, on the same server under the same load.

First a responder that keeps every batch waiting for a time between two others, each equally likely: what is to come out is known,
and both have to report it. Then redis-server. There both are closed loops whose own speed is a part of what they measure: with many
connections at a deep pipeline they fall into different rhythms with the server, and the same load is not the same any more.

Usage: tools/bazel run //benchmarks:agreement -- [--repeats=5] [--seconds=2] [--nice=-15]
"""

import argparse
import os
import shutil
import subprocess
import sys

from compare.driver import Driver
from compare.figures import median
from compare.servers import REDIS_COMMAND, Server, on_cores, place, take_precedence

PERCENTILES = ("p50", "p95", "p99")
APART_MAX = 0.10
# redis-benchmark's histogram has no finer steps: 23 stands for 16 to 23.
STEP_US = 8
KEYS = 100000
LEAST_US, MOST_US = 1000, 5000
# Connections and pipeline.
DELAYED_LOADS = ((1, 1), (16, 16), (50, 1), (50, 64))
REDIS_LOADS = ((1, 1), (1, 16), (2, 16), (4, 16), (8, 16), (16, 16))


def known(name):
    """A percentile of the delays."""
    return LEAST_US + (MOST_US - LEAST_US) * int(name[1:]) / 100


def apart(one, other, step):
    """The share by which they differ; `other` stands for so much, up to itself."""
    nearest = min(max(one, other - step + 1), other)
    return abs(one / nearest - 1)


def run_driver(driver, server, load, **length):
    """({percentile: µs}, requests a second)"""
    connections, pipeline = load
    result = driver.measure(server, ["SET __key__ __data__"], pipeline, KEYS, f"--connections={connections}", **length)
    return {name: result["latency_us"][name] for name in PERCENTILES}, result["operations_per_s"]


def run_redis_benchmark(cores, server, load, requests, seconds):
    """The same; None if it did not end in time, which happens."""
    connections, pipeline = load
    words = ["redis-benchmark", "-p", server.port, "-c", connections, "-P", pipeline, "-n", requests, "-t", "set", "-r", KEYS, "-d", 32, "--csv"]
    try:
        done = subprocess.run(on_cores(cores, list(map(str, words))), capture_output=True, text=True, timeout=10 + 5 * seconds, check=True)
    except subprocess.TimeoutExpired:
        return None
    # "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
    fields = [field.strip('"') for field in done.stdout.strip().splitlines()[-1].split(",")]
    return {name: 1000 * float(field) for name, field in zip(PERCENTILES, fields[4:7])}, float(fields[1])


def measure(bench, server, load):
    """({name: median µs} of the driver, of redis-benchmark, requests a second of both)"""
    driver, cores, options = bench
    _, rate = run_driver(driver, server, load, duration_s=0.3)
    requests = max(100, int(rate * options.seconds) // load[1] * load[1])
    ours, theirs = [], []
    for repeat in range(options.repeats):
        for is_ours in (repeat % 2 == 0, repeat % 2 == 1):
            if is_ours:
                ours.append(run_driver(driver, server, load, requests=requests))
            elif found := run_redis_benchmark(cores, server, load, requests, options.seconds):
                theirs.append(found)
    if not theirs:
        raise SystemExit("redis-benchmark has never ended in time")
    medians = [{name: median([figures[name] for figures, _ in runs]) for name in PERCENTILES} for runs in (ours, theirs)]
    return (*medians, *(median([rate for _, rate in runs]) for runs in (ours, theirs)))


def line(load, columns, said):
    texts = [" / ".join(f"{figures[name]:,.0f}" for name in PERCENTILES) if figures else "-" for figures in columns]
    return f"  {load[0]:>11} {load[1]:>9}" + "".join(f"{text:>25}" for text in texts) + f"  {said}"


def compare(bench, server, loads, truth):
    """Prints a line for each load; returns for how many all percentiles agree."""
    agreed = 0
    for load in loads:
        ours, theirs, our_rate, their_rate = measure(bench, server, load)
        furthest = max([apart(ours[name], theirs[name], STEP_US) for name in PERCENTILES] + [apart(ours[name], truth[name], 1) for name in truth])
        is_good = furthest <= APART_MAX
        agreed += is_good
        said = f"{'agree' if is_good else 'APART'}, at most {furthest:.0%}; {our_rate:,.0f} and {their_rate:,.0f} a second"
        print(line(load, (truth, ours, theirs), said), flush=True)
    return agreed


def main():
    parser = argparse.ArgumentParser(prog="agreement", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", default="benchmarks/load/load", help="the driver's binary")
    parser.add_argument("--responder", default="benchmarks/responder", help="the responder's binary")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one run")
    parser.add_argument("--nice", type=int, default=0, help="for all that is measured; -15 where others work on the machine meanwhile (needs root)")
    options = parser.parse_args()
    missing = [name for name in ("redis-server", "redis-benchmark") if not shutil.which(name)]
    if missing:
        parser.error(f"{' and '.join(missing)} not found in the PATH: the driver is measured beside them")
    take_precedence(options.nice)
    layout = place(os.sched_getaffinity(0), 1, 1)
    bench = (Driver(options.load, layout.generator), layout.generator, options)
    print(f"{layout.text()}; p50 / p95 / p99 in µs, medians of {options.repeats} runs of {options.seconds:g} s each, in turn", flush=True)
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
