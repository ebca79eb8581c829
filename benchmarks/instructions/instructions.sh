#!/usr/bin/env bash
# Runs instructions.py in the runfiles, where it and the counted program lie.
set -euo pipefail
exec python3 -B benchmarks/instructions/instructions.py "$@"
