"""How fast the simulator is.

First the reference scenario (testing/scenarios/reference.textproto), one process a core: virtual seconds and checked requests
of clients a second of processor time, and seeds a minute of all processes together. Then a thousand nodes in one process
(testing/scenarios/thousand_nodes.textproto): virtual seconds a second of processor time, and peak memory. Prints beside each
what is asked of it, and what it aims at.
"""

import argparse
import os
import re
import subprocess
import sys
import time

# figure, unit, at least, aim
BARS = (
    ("virtual seconds a CPU second", 1000, 2500),
    ("checked requests a CPU second", 50000, 250000),
    ("seeds a minute", 1000, 4000),
)
THOUSAND_TIMES_LEAST = 10
THOUSAND_MIB_MOST = 2048
_TOTAL = re.compile(r"(\d+) seeds \(\d+ of them twice\) in ([\d.]+) s: [\d.]+ a second; ([\d.]+) virtual seconds, \d+ events and "
                    r"(\d+) checked replies a second")


class Sweep:
    """Seeds of a scenario in a process of its own."""

    def __init__(self, run, scenario, first, seeds):
        self._process = subprocess.Popen([run, f"--scenario={scenario}", f"--seeds={first}..{first + seeds - 1}", "--repeat_every=0"],
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.virtual_s = self.requests = self.cpu_s = self.peak_mib = 0

    def finish(self):
        output = self._process.stdout.read()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        total = _TOTAL.search(output)
        if self._process.returncode != 0 or total is None:
            sys.exit(output)
        seconds = float(total[2])
        self.virtual_s = float(total[3]) * seconds
        self.requests = float(total[4]) * seconds
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_mib = usage.ru_maxrss / 1024


def verdict(is_met):
    return "met" if is_met else "MISSED"


def measure_reference(options):
    begin = time.monotonic()
    sweeps = [Sweep(options.run, options.scenario, 1 + i * options.seeds, options.seeds) for i in range(options.processes)]
    for sweep in sweeps:
        sweep.finish()
    wall_s = time.monotonic() - begin
    cpu_s = sum(sweep.cpu_s for sweep in sweeps)
    seeds = options.seeds * options.processes
    figures = (sum(sweep.virtual_s for sweep in sweeps) / cpu_s, sum(sweep.requests for sweep in sweeps) / cpu_s, seeds / wall_s * 60)
    peak_mib = max(sweep.peak_mib for sweep in sweeps)
    print(f"reference: {seeds} seeds by {options.processes} processes: {wall_s:.1f} s, {cpu_s:.1f} s of CPU, peak {peak_mib:.0f} MiB each")
    print(f"  {'':34}{'measured':>10}{'at least':>10}{'aim':>10}")
    for (name, least, aim), figure in zip(BARS, figures):
        print(f"  {name:34}{figure:10.0f}{least:10}{aim:10}  {verdict(figure >= least)}")


def measure_thousand_nodes(options):
    sweep = Sweep(options.run, options.thousand, 1, 1)
    sweep.finish()
    times = sweep.virtual_s / sweep.cpu_s
    print(f"a thousand nodes: {sweep.virtual_s:.0f} virtual seconds in {sweep.cpu_s:.1f} s of CPU")
    print(f"  {'virtual seconds a CPU second':34}{times:10.1f}{THOUSAND_TIMES_LEAST:10}{'':10}  {verdict(times >= THOUSAND_TIMES_LEAST)}")
    print(f"  {'MiB at most':34}{sweep.peak_mib:10.0f}{THOUSAND_MIB_MOST:10}{'':10}  {verdict(sweep.peak_mib <= THOUSAND_MIB_MOST)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="sim/run", help="the binary of //sim:run")
    parser.add_argument("--scenario", default="testing/scenarios/reference.textproto")
    parser.add_argument("--thousand", default="testing/scenarios/thousand_nodes.textproto")
    parser.add_argument("--seeds", type=int, default=60, help="of each process")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()

    measure_reference(options)
    measure_thousand_nodes(options)


if __name__ == "__main__":
    main()
