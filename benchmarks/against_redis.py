"""Our server and redis-server side by side under redis-benchmark: CPU time per operation, and memory per key.

Both servers run with one worker, pinned to one core; redis-benchmark runs on another. Repetitions are interleaved, medians are
printed. CPU time is the servers' own, from /proc: what the generator or the machine's other work costs does not count.

Usage: tools/bazel run //benchmarks:against_redis -- [--pipelines=1,16,64] [--requests=1000000] [--repeats=3]
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time


class Server:
    """A server process on a free loopback port, pinned to one core."""

    def __init__(self, name, command, core):
        self.name = name
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = [word.format(port=self.port) for word in command]
        if core is not None:
            words = ["taskset", "-c", str(core)] + words
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                if self.command("PING").startswith(b"+PONG"):
                    return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"{name} did not start: {' '.join(words)}")

    def command(self, text):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(text.encode() + b"\r\n")
            return connection.recv(65536)

    def cpu_seconds(self):
        """The time that the server's threads have run: in nanoseconds from schedstat, where /proc/PID/stat counts hundredths."""
        tasks = f"/proc/{self.process.pid}/task"
        return sum(int(open(f"{tasks}/{task}/schedstat").read().split()[0]) for task in os.listdir(tasks)) / 1e9

    def resident_bytes(self):
        return int(open(f"/proc/{self.process.pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def generate(server, core, test, pipeline, requests, keys):
    """Runs redis-benchmark once; returns (requests a second, server CPU nanoseconds per operation)."""
    words = ["redis-benchmark", "-p", str(server.port), "-t", test, "-c", "50", "-P", str(pipeline), "-d", "32",
             "-r", str(keys), "-n", str(requests), "--csv"]
    if core is not None:
        words = ["taskset", "-c", str(core)] + words
    before = server.cpu_seconds()
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    used = server.cpu_seconds() - before
    rate = float(output.strip().splitlines()[-1].split(",")[1].strip('"'))
    return rate, used * 1e9 / requests


def fill(server, keys):
    """Writes `keys` keys of 16 bytes with values of 32 bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        value = b"v" * 32
        for begin in range(0, keys, 500):
            batch = b"".join(b"*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$32\r\n%s\r\n" % (i, value)
                             for i in range(begin, min(begin + 500, keys)))
            connection.sendall(batch)
            left = min(500, keys - begin) * 5
            while left > 0:
                left -= len(connection.recv(65536))


def percentile(values, share):
    return sorted(values)[int(len(values) * share)] if values else float("nan")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="server/server", help="our server's binary")
    parser.add_argument("--pipelines", default="1,16,64")
    parser.add_argument("--tests", default="set,get")
    parser.add_argument("--requests", type=int, default=1000000)
    parser.add_argument("--keys", type=int, default=1000000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    cores = sorted(os.sched_getaffinity(0))
    server_core, generator_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    if options.threads > 1:
        server_core = generator_core = None
    servers = [
        Server("damselfly", [options.server, "--port={port}", f"--threads={options.threads}"], server_core),
        Server("redis-server", ["redis-server", "--port", "{port}", "--save", "", "--appendonly", "no"], server_core),
    ]
    try:
        print("memory: 16-byte keys, 32-byte values")
        for server in servers:
            empty = server.resident_bytes()
            fill(server, options.keys)
            print(f"  {server.name:14} {(server.resident_bytes() - empty) / options.keys:7.1f} bytes a key resident")
            server.command("FLUSHALL")
        print(f"{'test':6}{'pipeline':>9}  {'damselfly ns/op':>16}{'redis ns/op':>13}{'ratio':>7}"
              f"  {'damselfly op/s':>15}{'redis op/s':>12}")
        for pipeline in map(int, options.pipelines.split(",")):
            for test in options.tests.split(","):
                runs = {server.name: [] for server in servers}
                for _ in range(options.repeats):
                    for server in servers:
                        runs[server.name].append(
                            generate(server, generator_core, test, pipeline, options.requests, options.keys))
                rate = {name: statistics.median(r[0] for r in values) for name, values in runs.items()}
                cost = {name: statistics.median(r[1] for r in values) for name, values in runs.items()}
                print(f"{test:6}{pipeline:>9}  {cost['damselfly']:>16.0f}{cost['redis-server']:>13.0f}"
                      f"{cost['redis-server'] / max(cost['damselfly'], 1):>7.2f}  {rate['damselfly']:>15.0f}"
                      f"{rate['redis-server']:>12.0f}")
                sys.stdout.flush()
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
