"""Counts the instructions that the server takes for a command, with callgrind, and compares them with expected.txt.

  tools/bazel test //benchmarks/instructions:instructions_test     prints what has moved, and fails when that is too much
  tools/bazel run //benchmarks/instructions:update                 takes the figures as they are now into expected.txt
  tools/bazel run //benchmarks/instructions:profile -- GET 64      where the instructions go, function by function

Callgrind runs the program on a processor of its own making, one thread at a time, so that the same program gives the same
figures to the instruction, whatever else the machine does. A string instruction (rep movsb) counts once for each byte.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

FUNCTION = "CountedPasses"
# libc is to choose the same memcpy on every processor, and mimalloc is not to give memory back when so much time has passed.
ENVIRONMENT = {
    "MIMALLOC_ALLOW_DECOMMIT": "0",
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM",
}
SECONDS_MAX = 300


def run_counted(program, commands, folder):
    """Returns [(command, depth, operations, file of callgrind's)] in the order in which they were counted."""
    if shutil.which("valgrind") is None:
        sys.exit("there is no valgrind: tools/bazel test //benchmarks/instructions:instructions_test installs it")
    out = os.path.join(folder, "out")
    flags = ["--tool=callgrind", f"--toggle-collect={FUNCTION}", f"--zero-before={FUNCTION}", f"--dump-after={FUNCTION}",
             f"--callgrind-out-file={out}"]
    finished = subprocess.run(["valgrind", *flags, os.path.abspath(program), *commands], cwd=folder, env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=SECONDS_MAX, check=False)
    if finished.returncode != 0:
        sys.exit(f"valgrind ended with {finished.returncode}:\n{finished.stderr}")
    counted = []
    for number, line in enumerate(finished.stdout.splitlines(), 1):
        command, depth, operations = line.split("\t")
        counted.append((command, int(depth), int(operations), f"{out}.{number}"))
    return counted


def instructions_in(file_name):
    with open(file_name, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("summary:"):
                return int(line.split()[1])
    sys.exit(f"{file_name} has no summary")


def count(program, processes):
    """{command: {depth: instructions an operation}}, commands in the program's order."""
    names = subprocess.run([program, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()

    def count_one(name):
        with tempfile.TemporaryDirectory() as folder:
            return {depth: round(instructions_in(file) / operations)
                    for _, depth, operations, file in run_counted(program, [name], folder)}

    # A process for each: what one command leaves behind is nothing to another, and neither is how many there are.
    with concurrent.futures.ThreadPoolExecutor(processes) as pool:
        return dict(zip(names, pool.map(count_one, names)))


def read_expected(path):
    tolerance, depths, figures = None, None, {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, *columns = re.split(r"\s{2,}", line)
            if name == "tolerance":
                tolerance = float(columns[0].rstrip("%")) / 100
            elif name == "command":
                depths = [int(column.removeprefix("pipeline ")) for column in columns]
            else:
                figures[name] = dict(zip(depths, map(int, columns), strict=True))
    if tolerance is None or depths is None:
        sys.exit(f"{path} lacks its tolerance or its heading")
    return tolerance, depths, figures


def write_expected(path, figures):
    """Keeps what stands above the table."""
    with open(path, encoding="utf-8") as file:
        head = file.read().partition("\ncommand  ")[0]
    depths = list(next(iter(figures.values())))
    lines = [f"{'command':18}" + "".join(f"{f'pipeline {depth}':>14}" for depth in depths)]
    lines += [f"{name:18}" + "".join(f"{of_depth[depth]:14}" for depth in depths) for name, of_depth in figures.items()]
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + "\n" + "\n".join(lines) + "\n")


def compare(expected_path, figures):
    tolerance, depths, expected = read_expected(expected_path)
    print(f"instructions an operation: expected, now, difference; * beyond {tolerance:.1%}\n")
    print(f"{'command':18}" + "".join(f"{f'pipeline {depth}':>29}" for depth in depths))
    moved = []
    for name in [*figures, *(name for name in expected if name not in figures)]:
        line = f"{name:18}"
        for depth in depths:
            before, now = expected.get(name, {}).get(depth), figures.get(name, {}).get(depth)
            if before is None or now is None:
                moved.append(f"{name}: only {'counted' if before is None else 'expected'}")
                line += f"{before or '-':>10}{now or '-':>8}{'*':>11}"
                continue
            change = now / before - 1
            beyond = abs(change) > tolerance
            if beyond:
                moved.append(f"{name}, pipeline {depth}: {before} -> {now}, {change:+.1%}")
            line += f"{before:10}{now:8}{change:+10.1%}{'*' if beyond else ' '}"
        print(line)
    if not moved:
        print("\nnothing has moved")
        return 0
    print("\nmoved:")
    for line in dict.fromkeys(moved):
        print(f"  {line}")
    print("\nWhere they go: tools/bazel run //benchmarks/instructions:profile -- GET 64"
          "\nIf this is as it should be, better or worse with a reason: tools/bazel run //benchmarks/instructions:update")
    return 1


class Costs:
    """What a file of callgrind's says: {function: instructions}, its own and with those of what it calls, and of source lines.
    Code that was inlined is its function's, but its lines are those it was written in."""

    def __init__(self, file_name):
        self.own, self.inclusive, self.lines = {}, {}, {}
        self._names, self._line = {}, 0
        function = callee = source = None
        is_call = False
        with open(file_name, encoding="utf-8", errors="replace") as file:
            for text in file:
                key, _, rest = text.rstrip("\n").partition("=")
                if key == "fn":
                    function = self._name("fn", rest)
                elif key == "cfn":
                    callee = self._name("fn", rest)
                elif key in ("fl", "fi", "fe"):
                    source = self._name("fl", rest)
                elif key in ("cfi", "cfl"):
                    self._name("fl", rest)
                elif key == "calls":
                    is_call = True
                elif match := re.match(r"([+-]?\d+|\*) (\d+)$", text):
                    self._move(match[1])
                    self._add(function, callee if is_call else None, source, int(match[2]))
                    is_call = False

    def _name(self, kind, text):
        number, _, name = text.partition(" ")
        return self._names.setdefault((kind, number), name)

    def _move(self, position):
        if position[0] in "+-":
            self._line += int(position)
        elif position != "*":
            self._line = int(position)

    def _add(self, function, callee, source, cost):
        if callee != function:
            self.inclusive[function] = self.inclusive.get(function, 0) + cost
        if callee is None:
            self.own[function] = self.own.get(function, 0) + cost
            place = f"{source}:{self._line}"
            self.lines[place] = self.lines.get(place, 0) + cost


def short(name):
    name = name.replace("damselfly::", "").replace("absl::debian3::", "absl::").replace("(anonymous namespace)::", "")
    return re.sub(r"\(.*", "", name) if "lambda" not in name and "operator()" not in name else name[:90]


def profile(program, command, depth, top, by_line):
    with tempfile.TemporaryDirectory() as folder:
        for _, counted_depth, operations, file in run_counted(program, [command], folder):
            if counted_depth != depth:
                continue
            costs, total = Costs(file), instructions_in(file)
            print(f"{command}, pipeline {depth}: {total / operations:.1f} instructions an operation\n")
            chosen = sorted((costs.lines if by_line else costs.own).items(), key=lambda item: -item[1])[:top]
            if by_line:
                print(f"{'own':>8}{'share':>8}  line")
            else:
                print(f"{'own':>8}{'share':>8}{'with callees':>14}  function")
            for name, own in chosen:
                print(f"{own / operations:8.1f}{own / total:8.1%}" +
                      (f"  {name.removeprefix('/proc/self/cwd/').removeprefix('./')}" if by_line
                       else f"{costs.inclusive[name] / operations:14.1f}  {short(name)}"))
            return
    sys.exit(f"'{command}' at pipeline {depth} is not counted")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("check", "update", "profile"))
    parser.add_argument("command", nargs="?", default="GET", help="of profile: a command of expected.txt")
    parser.add_argument("depth", nargs="?", type=int, default=64, help="of profile: how many commands a read brings")
    parser.add_argument("--program", default="benchmarks/instructions/count")
    parser.add_argument("--expected", default="benchmarks/instructions/expected.txt")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--top", type=int, default=25, help="of profile: functions shown")
    parser.add_argument("--lines", action="store_true", help="of profile: source lines instead of functions")
    options = parser.parse_intermixed_args()

    if options.action == "profile":
        profile(options.program, options.command, options.depth, options.top, options.lines)
    elif options.action == "check":
        sys.exit(compare(options.expected, count(options.program, options.processes)))
    else:
        figures = count(options.program, options.processes)
        compare(options.expected, figures)
        write_expected(os.path.realpath(os.path.join(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ""), options.expected)), figures)


if __name__ == "__main__":
    main()
