#!/usr/bin/env bash
# Runs agreement.py in the runfiles, where both it and the binaries lie.
set -euo pipefail
exec python3 benchmarks/agreement.py "$@"
