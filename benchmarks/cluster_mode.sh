#!/usr/bin/env bash
# Runs cluster_mode.py in the runfiles, where both it and the server lie.
set -euo pipefail
exec python3 benchmarks/cluster_mode.py "$@"
