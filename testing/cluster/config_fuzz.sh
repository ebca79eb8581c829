#!/usr/bin/env bash
# Runs config_fuzz.py in the runfiles, where it, the filter and the server lie. The system's Python, whatever PATH holds.
set -euo pipefail
exec /usr/bin/python3 -B testing/cluster/config_fuzz.py "$@"
