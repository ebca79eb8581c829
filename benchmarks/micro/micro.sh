#!/usr/bin/env bash
# Runs micro.py in the runfiles, where it and the benchmarks lie.
set -euo pipefail
exec python3 -B benchmarks/micro/micro.py "$@"
