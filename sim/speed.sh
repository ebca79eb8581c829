#!/bin/bash
# tools/bazel run //sim:speed
set -euo pipefail
exec python3 sim/speed.py "$@"
