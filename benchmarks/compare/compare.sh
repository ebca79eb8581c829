#!/usr/bin/env bash
# Runs the comparison in the runfiles, where it, the driver and the server lie.
set -euo pipefail
PYTHONPATH=benchmarks exec python3 -B -m compare.main "$@"
