#!/usr/bin/env bash
# Runs the cases in the runfiles, where they and the server lie.
set -euo pipefail
PYTHONPATH=benchmarks exec python3 -B -m complexity.main "$@"
