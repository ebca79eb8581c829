"""What cluster mode costs: the ownership check of every command, big configurations, and a push that takes half of the slots.

First GET is measured at one pipeline depth on three servers that differ in nothing but --cluster_mode (off, emulated, and
yes with all slots owned), interleaved, with the servers' own CPU time. Then configurations of many nodes are pushed. Then a
node with millions of keys loses half of its slots: how long the push takes, what other clients see of the deletion, and
whether the memory comes back: what is in use falls, and new keys take no more from the system.

Usage: tools/bazel run //benchmarks:cluster_mode -- [--requests=3000000] [--repeats=7] [--loss_keys=5000000]
"""

import argparse
import os
import socket
import statistics
import sys
import threading
import time

from compare.driver import Driver, cpu_ns
from compare.figures import percentile
from compare.servers import SLOTS, Server, place, push, shard

HALF = SLOTS // 2


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc


def start(options, name, mode, core):
    flags = [options.server, "--port={port}", f"--threads={options.threads}"]
    if mode:
        flags.append(f"--cluster_mode={mode}")
    if mode == "yes":
        flags.append("--cluster_node_id=measured")
    server = Server(name, flags, core)
    if mode == "yes":
        push(server, shard("measured", server.port, 0, SLOTS - 1))
    return server


def measure_check(options, layout, driver):
    servers = [start(options, mode or "off", mode, layout.servers) for mode in ("", "emulated", "yes")]
    try:
        for server in servers:
            driver.fill(server, options.keys)
        costs = {server.name: [] for server in servers}
        for repeat in range(options.repeats):
            # Each goes first as often as the others.
            for server in servers[repeat % 3:] + servers[:repeat % 3]:
                costs[server.name].append(
                    cpu_ns(driver.measure(server, ["GET __key__"], options.pipeline, options.keys, requests=options.requests)))
        print(f"GET, pipeline {options.pipeline}, {options.keys} keys, {options.repeats} runs of {options.requests} each")
        off = statistics.median(costs["off"])
        for name, values in costs.items():
            paired = statistics.median(value / base for value, base in zip(values, costs["off"])) - 1
            print(f"  {name:9} {statistics.median(values):7.1f} ns of server CPU each (lowest {min(values):.1f}, highest "
                  f"{max(values):.1f}), {statistics.median(values) / off - 1:+.1%} by medians, {paired:+.1%} by pairs")
    finally:
        for server in servers:
            server.stop()


def measure_big_configurations(options, layout):
    server = start(options, "yes", "yes", layout.servers)
    try:
        for nodes in (3, 100, 1000):
            times = []
            for repeat in range(9):
                # Each moves one slot, so that none is equal to the one before.
                bounds = [SLOTS * node // nodes for node in range(nodes)] + [SLOTS]
                bounds[1] += repeat % 2
                times.append(push(server, *[shard("measured" if node == 0 else "node-%036d" % node, 7000 + node,
                                                  bounds[node], bounds[node + 1] - 1) for node in range(nodes)]))
            print(f"a configuration of {nodes:4} nodes is applied and answered in {statistics.median(times) * 1e3:.2f} ms")
    finally:
        server.stop()


class Sampler(threading.Thread):
    """A client that asks for one key after the other and keeps (moment, latency) of each answer, in seconds."""

    def __init__(self, server, keys):
        super().__init__(daemon=True)
        self.requests = [b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(key), key) for key in keys]
        self.connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.samples = []
        self.stopping = False

    def run(self):
        number = 0
        while not self.stopping:
            begin = time.perf_counter()
            self.connection.sendall(self.requests[number % len(self.requests)])
            reply = self.connection.recv(4096)
            end = time.perf_counter()
            if not reply.startswith(b"$"):
                raise SystemExit(f"a client of a kept slot got {reply.decode()}")
            self.samples.append((begin, end - begin))
            number += 1


def memory_figure(server, name):
    for line in server.command("INFO memory").decode().splitlines():
        if line.startswith(name + ":"):
            return int(line.split(":")[1])
    raise SystemExit(f"INFO memory has no {name}")


def measure_loss(options, layout, driver):
    server = start(options, "yes", "yes", layout.servers)
    try:
        empty = server.resident_bytes()
        driver.fill(server, options.loss_keys)
        full, used = server.resident_bytes(), memory_figure(server, "used_memory")
        kept = [key for key in (b"key:%012d" % number for number in range(2000)) if crc16(key) % SLOTS < HALF]
        sampler = Sampler(server, kept)
        sampler.start()
        time.sleep(options.quiet_seconds)
        begin = time.perf_counter()
        answered = push(server, shard("measured", server.port, 0, HALF - 1), shard("other", 1, HALF, SLOTS - 1))
        while memory_figure(server, "lazyfree_pending_objects") > 0:
            time.sleep(0.005)
        end = time.perf_counter()
        time.sleep(options.quiet_seconds)
        sampler.stopping = True
        sampler.join()
        print(f"a node with {options.loss_keys} keys, {(full - empty) / 1e6:.0f} MB, loses half of its slots")
        print(f"  the push is answered after {answered * 1e3:.1f} ms, the memory is free after {end - begin:.2f} s")
        for name, first, last in (("before", begin - options.quiet_seconds, begin), ("during", begin, end),
                                  ("after", end, end + options.quiet_seconds)):
            window = [latency * 1e6 for moment, latency in sampler.samples if first <= moment < last]
            print(f"  clients {name}: {len(window):7} answers, p50 {percentile(window, 0.5):6.0f} us, p99 "
                  f"{percentile(window, 0.99):6.0f} us, longest {max(window, default=0):6.0f} us")
        print(f"  in use: {used / 1e6:.0f} MB before, {memory_figure(server, 'used_memory') / 1e6:.0f} MB now")
        print(f"  resident: {empty / 1e6:.0f} MB empty, {full / 1e6:.0f} MB full, {server.resident_bytes() / 1e6:.0f} MB now", end="")
        # All slots again: what was lost is written anew.
        push(server, shard("measured", server.port, 0, SLOTS - 1))
        driver.fill(server, options.loss_keys)
        print(f", {server.resident_bytes() / 1e6:.0f} MB when full again")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="server/server", help="our server's binary")
    parser.add_argument("--pipeline", type=int, default=64)
    parser.add_argument("--requests", type=int, default=3000000)
    parser.add_argument("--keys", type=int, default=1000000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--loss_keys", type=int, default=5000000)
    parser.add_argument("--quiet_seconds", type=float, default=3)
    parser.add_argument("--load", default="benchmarks/load/load", help="the driver's binary")
    options = parser.parse_args()
    layout = place(os.sched_getaffinity(0), options.threads, 1)
    driver = Driver(options.load, layout.generator)
    if options.repeats > 0:
        measure_check(options, layout, driver)
        sys.stdout.flush()
    if options.loss_keys > 0:
        measure_big_configurations(options, layout)
        measure_loss(options, layout, driver)


if __name__ == "__main__":
    main()
