#!/usr/bin/env bash
# Runs against_redis.py in the runfiles, where both it and the server lie.
set -euo pipefail
exec python3 benchmarks/against_redis.py "$@"
