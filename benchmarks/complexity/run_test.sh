#!/usr/bin/env bash
# Runs the test module that is named first, in the runfiles; the rest are its arguments.
set -euo pipefail
PYTHONPATH=benchmarks exec /usr/bin/python3 -B -m "complexity.$1" --verbose "${@:2}"
