"""Measurements of how a server grows: its memory, and what its growing holds up."""

import sys

from compare.client import Refused
from compare.driver import Failed
from compare.servers import Server

# What the slow log is asked to keep: shorter is no stall that anybody feels.
SLOW_US = 50
SLOW_ENTRIES_MAX = 10000
NOT_WATCHED = "what disturbs the machine is not watched"
# Every connection has had its buffers before memory is looked at.
WARM_REQUESTS = 50 * 64 * 20


def measure_memory(bench, measurement, sheet):
    """How much a fresh server grows with its keys, for each key or each element of one."""
    for subject in bench.turns(bench.able(measurement, sheet), measurement.repeats_max):
        server = subject.start(bench.layout.servers)
        try:
            bench.driver.measure(server, ["PING"], 64, 1, requests=WARM_REQUESTS)
            if server.call("DBSIZE") != 0:
                raise SystemExit(f"{server.name} is not empty when it starts")
            empty = server.steady_resident_bytes(bench.settings.steady_s)
            bench.write_state(server, measurement)
            grown = server.steady_resident_bytes(bench.settings.steady_s) - empty
            sheet.add("bytes_a_key", subject.name, grown / measurement.keys / measurement.elements)
        except Failed as failure:
            sheet.note(str(failure))
        finally:
            server.stop()


def measure_stall(bench, measurement, sheet):
    """A fresh server is filled at a steady rate; every write counts from when it was due, so a stall is in all that it holds up."""
    with bench.control() as controls:
        for subject in bench.turns([*bench.able(measurement, sheet), *controls], measurement.repeats_max):
            print(f"{subject.name} gets its keys for {measurement.keys / measurement.rate:.0f} s", file=sys.stderr, flush=True)
            try:
                if isinstance(subject, Server):
                    _fill_at_rate(bench, measurement, sheet, subject)
                else:
                    _fill_fresh(bench, measurement, sheet, subject)
            except (Failed, Refused) as failure:
                sheet.note(str(failure))


def _fill_fresh(bench, measurement, sheet, subject):
    server = subject.start(bench.layout.servers)
    try:
        server.call("CONFIG", "SET", "slowlog-max-len", SLOW_ENTRIES_MAX)
        server.call("CONFIG", "SET", "slowlog-log-slower-than", SLOW_US)
        if bench.settings.realtime:
            server.go_first()
        _fill_at_rate(bench, measurement, sheet, server)
        sheet.add("slowest_ms", subject.name, slowest_us(server.call("SLOWLOG", "GET", SLOW_ENTRIES_MAX)) / 1000)
    finally:
        server.stop()


def slowest_us(entries):
    """The longest command of a slow log; its threshold if it has none."""
    return max([SLOW_US, *(entry[2] for entry in entries)])


def _fill_at_rate(bench, measurement, sheet, server):
    watched = bench.driver.watching(bench.layout.servers)
    result = bench.driver.open_loop(server, measurement.commands, measurement.pipeline, measurement.rate, measurement.keys,
                                    "--key_distribution=sequential", *watched, spins=False, requests=measurement.keys)
    sheet.add("longest_ms", server.name, result["latency_us"]["max"] / 1000)
    if result["disturbed"]:
        if latency_us := sheet.undisturbed_us(server.name, result):
            sheet.add("longest_undisturbed_ms", server.name, latency_us["max"] / 1000)
    else:
        sheet.note(f"{NOT_WATCHED}: that takes root, and cores to bind servers and driver to")
    sheet.add("late_ms", server.name, result["lateness_us"]["max"] / 1000)
    sheet.add_rate(server.name, [result])
