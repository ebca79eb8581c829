#!/usr/bin/env bash
# Runs replication.py in the runfiles, where it, the load and the server lie.
set -euo pipefail
exec python3 benchmarks/replication.py "$@"
