"""Runs the micro-benchmarks and prints one table: what each thing costs, in nanoseconds.

A figure is the median of the repetitions, of CPU time (of elapsed time where threads wait for each other), for one item: a
command, a key, a reply, as the benchmark's own comment says. "spread" is the slowest repetition over the fastest one: where it
is large, others had the machine, and the figure is worth nothing.

Usage: tools/bazel run //benchmarks:micro -- [--filter=REGEX] [--repetitions=3] [--seconds=0.2] [--json=FILE]
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

NS_OF_UNIT = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
# Counters of Google Benchmark's own; all others are a benchmark's.
OWN_FIELDS = {"items_per_second", "bytes_per_second", "iterations", "real_time", "cpu_time", "threads", "repetitions",
              "repetition_index", "family_index", "per_family_instance_index"}


def run(binary, flags):
    """What Google Benchmark says of each run, as it came."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        finished = subprocess.run([binary, f"--benchmark_out={file.name}", "--benchmark_out_format=json", *flags],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        text = file.read()
    if finished.returncode != 0:
        sys.exit(f"{binary} ended with {finished.returncode}:\n{finished.stdout}")
    # With a filter that fits none of its benchmarks it writes nothing.
    return json.loads(text)["benchmarks"] if text.strip() else []


def ns_of(report):
    """Of one item, where the benchmark counts items."""
    if "items_per_second" in report:
        return 1e9 / report["items_per_second"]
    return report["cpu_time"] * NS_OF_UNIT[report["time_unit"]]


def figures_of(binary, flags):
    """One row a benchmark, in the order in which they stand in the file."""
    of_name = {}
    for report in run(binary, flags):
        if report.get("run_type", "iteration") == "iteration":
            of_name.setdefault(report["run_name"], []).append(report)
    rows = []
    for name, reports in of_name.items():
        if any(report.get("error_occurred") for report in reports):
            sys.exit(f"{binary}: {name}: {reports[0].get('error_message')}")
        times_ns = [ns_of(report) for report in reports]
        counters = {field: statistics.median(report[field] for report in reports) for field, value in reports[0].items()
                    if isinstance(value, (int, float)) and not isinstance(value, bool) and field not in OWN_FIELDS}
        rows.append({"benchmark": binary, "name": name.removeprefix("BM_"), "ns": statistics.median(times_ns),
                     "spread": max(times_ns) / min(times_ns), "counters": counters})
    return rows


def print_rows(rows):
    if not rows:
        return
    print(f"\n{rows[0]['benchmark']}")
    for row in rows:
        counters = "  ".join(f"{name} {value:.4g}" for name, value in row["counters"].items())
        print(f"  {row['name']:48}{row['ns']:12.1f} ns   spread {row['spread']:.2f}   {counters}".rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", nargs="+", help="given by the build file")
    parser.add_argument("--filter", default="", help="only benchmarks whose file and name fit, as 'table_benchmark/Find'")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.2, help="of each repetition, at least")
    parser.add_argument("--json", help="file for the figures")
    parser.add_argument("--try", dest="tries", action="store_true", help="only see that each of them runs; those of ten million keys do not")
    options = parser.parse_args()

    if options.tries:
        for binary in options.binaries:
            rows = figures_of(binary, ["--benchmark_min_time=0.000001", "--benchmark_filter=-/10000000(/|$)"])
            if not rows:
                sys.exit(f"{binary} has no benchmark")
            print(f"{binary}: {len(rows)} benchmarks run")
        return

    wanted = re.compile(options.filter)
    flags = [f"--benchmark_min_time={options.seconds}", f"--benchmark_repetitions={options.repetitions}"]
    everything = []
    for binary in options.binaries:
        listed = subprocess.run([binary, "--benchmark_list_tests"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
        chosen = [name for name in listed if name and wanted.search(f"{os.path.basename(binary)}/{name.removeprefix('BM_')}")]
        if not chosen:
            continue
        exactly = "|".join(re.escape(name) for name in chosen)
        rows = figures_of(binary, [*flags, f"--benchmark_filter=^({exactly})$"])
        print_rows(rows)
        everything += rows
    if not everything:
        sys.exit(f"no benchmark fits '{options.filter}'")
    if options.json:
        path = os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", ""), options.json)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(everything, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
