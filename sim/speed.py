"""How fast the simulator is: the reference scenario (testing/scenarios/reference.textproto), one process a core.

Prints, beside what is asked of it and what it aims at: virtual seconds and checked requests of clients a second of processor
time, and seeds a minute of all processes together.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import time

# figure, unit, at least, aim
BARS = (
    ("virtual seconds a CPU second", 1000, 2500),
    ("checked requests a CPU second", 50000, 250000),
    ("seeds a minute", 1000, 4000),
)
_TOTAL = re.compile(r"(\d+) seeds \(\d+ of them twice\) in ([\d.]+) s: [\d.]+ a second; (\d+) virtual seconds, \d+ events and "
                    r"(\d+) checked replies a second")


def start(options, process):
    first = 1 + process * options.seeds
    return subprocess.Popen([options.run, f"--scenario={options.scenario}", f"--seeds={first}..{first + options.seeds - 1}",
                             "--repeat_every=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="sim/run", help="the binary of //sim:run")
    parser.add_argument("--scenario", default="testing/scenarios/reference.textproto")
    parser.add_argument("--seeds", type=int, default=60, help="of each process")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()

    begin = time.monotonic()
    processes = [start(options, process) for process in range(options.processes)]
    outputs = [process.communicate()[0] for process in processes]
    wall_s = time.monotonic() - begin
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = usage.ru_utime + usage.ru_stime
    virtual_s = requests = 0
    for process, output in zip(processes, outputs):
        total = _TOTAL.search(output)
        if process.returncode != 0 or total is None:
            sys.exit(output)
        seconds = float(total[2])
        virtual_s += float(total[3]) * seconds
        requests += float(total[4]) * seconds
    seeds = options.seeds * options.processes
    figures = (virtual_s / cpu_s, requests / cpu_s, seeds / wall_s * 60)
    print(f"{seeds} seeds by {options.processes} processes: {wall_s:.1f} s, {cpu_s:.1f} s of CPU, peak {usage.ru_maxrss / 1024:.0f} MiB each")
    print(f"  {'':34}{'measured':>10}{'at least':>10}{'aim':>10}")
    for (name, least, aim), figure in zip(BARS, figures):
        print(f"  {name:34}{figure:10.0f}{least:10}{aim:10}  {'met' if figure >= least else 'MISSED'}")


if __name__ == "__main__":
    main()
