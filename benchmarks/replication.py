"""What a replica costs its master, and how soon it is filled: our server and redis-server side by side in one run.

First part: a master with millions of keys, under writes at a fixed rate, gets a replica. Measured are the time until the
replica says that it is in step, the master's CPU time (its children's too) while that lasts, the memory that the master needs
on top of what it had (for a child: what it does not share with its parent), and what the clients who write feel. Second part:
SET at a deep pipeline without a replica and with one.

Each master, with its children, has one core to itself. The other one is shared by the replica, this script and the load, which
takes precedence there; the replica has its memory from an earlier filling. So a forked child competes with its parent, as our
own full sync does with our own clients; with --cores=free nobody is bound to a core. redis-server gets its fastest settings: no
delay before the transfer, no disk on either side.

Usage: tools/bazel run //benchmarks:replication -- [--keys=5000000] [--rate=20000] [--repeats=3] [--json=FILE]
"""

import argparse
import array
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from compare.driver import Driver, cpu_ns
from compare.figures import percentile
from compare.replicas import info, is_in_step, wait_for
from compare.servers import Server, on_cores, take_precedence

SAMPLES_A_SECOND = 20
DATA_SET_SHARE_MAX = 0.10
P99_GROWTH_MAX = 2.0
RATE_KEPT_MIN = 0.70


def children_of(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
        except OSError:
            pass  # It has ended since.
    return found


def private_bytes(pid):
    """What the process shares with nobody."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return 1024 * sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


def cpu_seconds(server):
    """Of the process, all its threads, and the children that it has waited for; in hundredths."""
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class MemoryWatch(threading.Thread):
    """The most that a master and its children took at any time, beyond what it took at the beginning."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.before = server.resident_bytes()
        self.peak = 0
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(1 / SAMPLES_A_SECOND):
            extra = self.server.resident_bytes() - self.before
            for child in children_of(self.server.process.pid):
                try:
                    extra += private_bytes(child)
                except OSError:
                    pass  # It has ended since.
            self.peak = max(self.peak, extra)

    def stop(self):
        self.stopping.set()
        self.join()
        return self.peak


class Load:
    """The load driver at a rate, with the latencies of what it has sent."""

    def __init__(self, options, server, core, folder):
        self.path = os.path.join(folder, "samples")
        words = [options.load, f"--port={server.port}", f"--keys={options.keys}", f"--rate={options.rate}",
                 "--connections=50", "--duration=1h", "--realtime", f"--samples={self.path}"]
        self.process = subprocess.Popen(on_cores(core, words), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def stop(self):
        """[(moment, latency)], in seconds of time.monotonic()."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        if self.process.returncode != 0:
            raise SystemExit(f"the load ended with {self.process.returncode}")
        numbers = array.array("d")
        with open(self.path, "rb") as file:
            numbers.frombytes(file.read())
        return list(zip(numbers[::2], numbers[1::2]))


class Kind:
    """How a kind of server is started."""

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.master = None
        self.replica = None
        self.data_bytes = 0

    def start(self, role, core):
        return Server(f"{self.name} {role}", self.command, core)

    def empty_replica(self):
        """A replica no more, without data, and with the memory that it has had so far."""
        for text in ("REPLICAOF NO ONE", "FLUSHALL SYNC"):
            reply = self.replica.command(text)
            if reply != b"+OK\r\n":
                raise SystemExit(f"{self.name}: {text}: {reply.decode()}")

    def warm_replica(self, driver, keys):
        """Gets it its memory: the first touch of a page may hold up a whole virtual core, and with it the load on that core."""
        driver.fill(self.replica, keys)
        self.empty_replica()

    def stop(self):
        for server in (self.replica, self.master):
            if server is not None:
                server.stop()

    def attach(self, replica):
        reply = replica.command(f"REPLICAOF 127.0.0.1 {self.master.port}")
        if not reply.startswith(b"+OK"):
            raise SystemExit(f"{self.name}: {reply.decode()}")


def measure_sync(options, kind, cores, folder):
    """The replica comes, stays a while and goes; the figures by name."""
    replica = kind.replica
    load = Load(options, kind.master, cores[1], folder)
    try:
        time.sleep(options.settle_seconds)
        begin, used = time.monotonic(), cpu_seconds(kind.master)
        time.sleep(options.quiet_seconds)
        base_rate = (cpu_seconds(kind.master) - used) / (time.monotonic() - begin)
        attached, used = time.monotonic(), cpu_seconds(kind.master)
        watch = MemoryWatch(kind.master)
        watch.start()
        kind.attach(replica)
        wait_for(lambda: is_in_step(replica), f"the sync of the {replica.name}")
        in_step = time.monotonic()
        # A child counts once its parent has waited for it.
        wait_for(lambda: not children_of(kind.master.process.pid), "the end of the master's child")
        settled = time.monotonic()
        total = cpu_seconds(kind.master) - used
        peak = watch.stop()
        time.sleep(options.quiet_seconds)
        samples = load.stop()
    finally:
        load.process.kill()
    check_equal(kind, replica)
    kind.empty_replica()
    window = lambda first, last: [latency * 1e3 for moment, latency in samples if first <= moment < last]
    before, during, after = window(begin, attached), window(attached, in_step), window(settled, settled + 1e9)
    if min(len(before), len(during), len(after)) < 100:
        raise SystemExit("too few requests in one of the periods: give more keys")
    return {
        "sync_s": in_step - attached,
        "cpu_s": total,
        "cpu_added_s": total - base_rate * (settled - attached),
        "peak_bytes": peak,
        "peak_share": peak / kind.data_bytes,
        "p50_before_ms": percentile(before, 0.5), "p50_during_ms": percentile(during, 0.5),
        "p99_before_ms": percentile(before, 0.99), "p99_during_ms": percentile(during, 0.99),
        "p99_after_ms": percentile(after, 0.99),
        "longest_during_ms": max(during),
        "p99_growth": percentile(during, 0.99) / percentile(before, 0.99),
    }


def check_equal(kind, replica):
    """A sync that lost something would be no sync: the number of keys has to agree once the writes have stopped."""
    wait_for(lambda: kind.master.command("DBSIZE") == replica.command("DBSIZE"), f"as many keys at the {replica.name}")


ROWS = (
    # figure, text, unit, factor, digits, whether a bar of the comparison is on it
    ("sync_s", "until in step", "s", 1, 2, True),
    ("cpu_s", "CPU of the master meanwhile", "s", 1, 2, True),
    ("cpu_added_s", "  of that beyond the load's own", "s", 1, 2, False),
    ("peak_bytes", "extra memory of the master, peak", "MB", 1e-6, 1, True),
    ("peak_share", "  as a share of the data set", "%", 100, 1, False),
    ("p50_before_ms", "clients' p50 before", "ms", 1, 3, False),
    ("p50_during_ms", "clients' p50 during", "ms", 1, 3, False),
    ("p99_before_ms", "clients' p99 before", "ms", 1, 3, False),
    ("p99_during_ms", "clients' p99 during", "ms", 1, 3, True),
    ("p99_after_ms", "clients' p99 after, replica attached", "ms", 1, 3, False),
    ("longest_during_ms", "clients' longest wait during", "ms", 1, 1, False),
    ("p99_growth", "clients' p99, during : before", "x", 1, 2, False),
)


def report_sync(options, kinds, runs, verdicts):
    figures = {kind.name: {row[0]: statistics.median(run[row[0]] for run in runs[kind.name]) for row in ROWS}
               for kind in kinds}
    ours, theirs = (figures[kind.name] for kind in kinds)
    print(f"full sync: {options.keys} keys of 16 + 32 bytes ({', '.join(f'{k.name} {k.data_bytes / 1e6:.0f} MB' for k in kinds)}), "
          f"{options.rate} SET/s over 50 connections; medians of {options.repeats}")
    print(f"  {'':38}{kinds[0].name:>14}{kinds[1].name:>14}{'redis : ours':>14}")
    for name, text, unit, factor, digits, judged in ROWS:
        ratio = f"{theirs[name] / ours[name]:14.2f}" if ours[name] > 0 else f"{'-':>14}"
        print(f"  {text + ', ' + unit:38}{ours[name] * factor:14.{digits}f}{theirs[name] * factor:14.{digits}f}{ratio}")
        if judged:
            verdicts.append((f"{text}: ahead of redis-server", ours[name] < theirs[name]))
    verdicts.append((f"p99 during a full sync under {P99_GROWTH_MAX} x before", ours["p99_growth"] < P99_GROWTH_MAX))
    verdicts.append((f"extra memory under {DATA_SET_SHARE_MAX:.0%} of the data set", ours["peak_share"] < DATA_SET_SHARE_MAX))
    return {"figures": figures, "runs": runs}


def drive(options, server, core):
    """One run of the load as fast as its pipeline goes; (requests a second, the server's CPU nanoseconds an operation)."""
    result = Driver(options.load, core).measure(server, ["SET __key__ __data__"], options.pipeline, options.stream_keys,
                                                duration_s=options.stream_seconds)
    return result["operations_per_s"], cpu_ns(result)


def measure_stream(options, kinds, cores, verdicts):
    """Without a replica and with one in turn, each on servers of its own: a replica leaves a backlog behind."""
    masters = {}
    replicas = []
    driver = Driver(options.load, cores[1])
    for kind in kinds:
        for attached in (False, True):
            master = kind.start("master", cores[0])
            masters[kind.name, attached] = master
            driver.fill(master, options.stream_keys)
            if attached:
                kind.master = master
                replica = kind.start("replica", cores[1])
                replicas.append(replica)
                kind.attach(replica)
                wait_for(lambda replica=replica: is_in_step(replica), f"the sync of the {replica.name}")
    runs = {place: [] for place in masters}
    losses = {kind.name: 0 for kind in kinds}
    try:
        for _ in range(options.stream_repeats):
            for place, master in masters.items():
                syncs = info(master, "connected_slaves")
                runs[place].append(drive(options, master, cores[1]))
                losses[place[0]] += info(master, "connected_slaves") != syncs
                # What the replica has not applied yet is not the next run's to pay.
                time.sleep(options.stream_rest_seconds)
        wait_for(lambda: all(map(is_in_step, replicas)), "replicas in step after the load")
    finally:
        for server in [*masters.values(), *replicas]:
            server.stop()
    rate = {place: statistics.median(run[0] for run in values) for place, values in runs.items()}
    cost = {place: statistics.median(run[1] for run in values) for place, values in runs.items()}
    print(f"SET, pipeline {options.pipeline}, 50 connections, {options.stream_keys} keys; medians of {options.stream_repeats}")
    print(f"  {'':14}{'op/s alone':>14}{'with replica':>14}{'kept':>8}{'ns/op alone':>14}{'with replica':>14}{'more':>8}")
    for kind in kinds:
        alone, attached = (kind.name, False), (kind.name, True)
        print(f"  {kind.name:14}{rate[alone]:14.0f}{rate[attached]:14.0f}{rate[attached] / rate[alone]:8.1%}"
              f"{cost[alone]:14.0f}{cost[attached]:14.0f}{cost[attached] / cost[alone] - 1:8.1%}"
              + (f"  links lost in {losses[kind.name]} runs" if losses[kind.name] else ""))
    ours = kinds[0].name
    kept = rate[ours, True] / rate[ours, False]
    kept_by_cost = cost[ours, False] / cost[ours, True]
    print(f"  the replica shares its core with the load: {ours} keeps {kept:.1%} by rate, {kept_by_cost:.1%} by the master's CPU")
    verdicts.append((f"SET at pipeline {options.pipeline} with a replica keeps {RATE_KEPT_MIN:.0%}", kept >= RATE_KEPT_MIN))
    return {"rate": {f"{name}{' with replica' if attached else ''}": value for (name, attached), value in rate.items()},
            "cpu_ns": {f"{name}{' with replica' if attached else ''}": value for (name, attached), value in cost.items()}}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="server/server", help="our server's binary")
    parser.add_argument("--load", default="benchmarks/load/load", help="the binary of //benchmarks:load")
    parser.add_argument("--only", choices=("damselfly", "redis-server"), help="for trying things out: one of the two, no comparison")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cores", choices=("bound", "free"), default="bound")
    parser.add_argument("--nice", type=int, default=0,
                        help="for all that is measured; -15 where others work on the machine meanwhile (needs root)")
    parser.add_argument("--realtime", action="store_true",
                        help="the masters go before all else on their core, but for their children (needs root)")
    parser.add_argument("--keys", type=int, default=5000000)
    parser.add_argument("--rate", type=int, default=20000, help="SETs a second during a full sync")
    parser.add_argument("--repeats", type=int, default=3, help="full syncs of each; 0 leaves that part out")
    parser.add_argument("--settle_seconds", type=float, default=2)
    parser.add_argument("--quiet_seconds", type=float, default=5, help="length of the periods before and after a full sync")
    parser.add_argument("--pipeline", type=int, default=64)
    parser.add_argument("--stream_keys", type=int, default=1000000)
    parser.add_argument("--stream_seconds", type=float, default=3)
    parser.add_argument("--stream_rest_seconds", type=float, default=2)
    parser.add_argument("--stream_repeats", type=int, default=5, help="runs of each; 0 leaves that part out")
    parser.add_argument("--json", help="a file for all figures")
    return parser.parse_args()


def place_on_cores(options):
    """(the masters' core, the core of all else), None for anywhere; and says so."""
    cores = sorted(os.sched_getaffinity(0))
    if options.cores == "free" or options.threads > 1 or len(cores) < 2:
        print(f"{len(cores)} cores, shared by the masters, their children, the replicas and the load")
        return None, None
    print(f"core {cores[0]}: a master with its children; core {cores[1]}: its replica, the load (which goes first), this script")
    os.sched_setaffinity(0, {cores[1]})
    return cores[0], cores[1]


def main():
    options = parse()
    take_precedence(options.nice)
    cores = place_on_cores(options)
    driver = Driver(options.load, cores[1])
    kinds = [
        Kind("damselfly", [options.server, "--port={port}", "--bind=127.0.0.1", f"--threads={options.threads}"]),
        # jemalloc would give the replica's memory back to the system while others are measured.
        Kind("redis-server", ["env", "MALLOC_CONF=dirty_decay_ms:-1,muzzy_decay_ms:-1", "redis-server", "--port", "{port}", "--save", "", "--appendonly", "no", "--repl-diskless-sync", "yes",
                              "--repl-diskless-sync-delay", "0", "--repl-diskless-load", "on-empty-db"]),
    ]
    kinds = [kind for kind in kinds if options.only in (None, kind.name)]
    verdicts, results = [], {}
    if options.repeats > 0:
        runs = {kind.name: [] for kind in kinds}
        try:
            for kind in kinds:
                kind.master = kind.start("master", cores[0])
                empty = kind.master.resident_bytes()
                driver.fill(kind.master, options.keys)
                kind.data_bytes = kind.master.resident_bytes() - empty
                kind.replica = kind.start("replica", cores[1])
                kind.warm_replica(driver, options.keys)
                if options.realtime:
                    kind.master.go_first()
            with tempfile.TemporaryDirectory() as folder:
                for repeat in range(options.repeats):
                    for kind in kinds if repeat % 2 == 0 else kinds[::-1]:
                        runs[kind.name].append(measure_sync(options, kind, cores, folder))
                        print(f"  run {repeat + 1}, {kind.name}: " + ", ".join(
                            f"{text.strip()} {runs[kind.name][-1][name] * factor:.{digits}f} {unit}"
                            for name, text, unit, factor, digits, _ in ROWS), file=sys.stderr, flush=True)
        finally:
            for kind in kinds:
                kind.stop()
        if options.only is None:
            results["sync"] = report_sync(options, kinds, runs, verdicts)
            sys.stdout.flush()
    if options.stream_repeats > 0:
        results["stream"] = measure_stream(options, kinds, cores, verdicts)
    if options.only is None:
        for text, is_met in verdicts:
            print(f"  {'met   ' if is_met else 'MISSED'}  {text}")
    if options.json:
        results["verdicts"] = dict(verdicts)
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
