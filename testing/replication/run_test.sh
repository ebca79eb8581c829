#!/bin/bash
# Runs one of the programs of this folder: run_test.sh FILE ARGUMENT... With the system's Python, for which python3-redis is
# installed. -B: no __pycache__ in the tree.
set -euo pipefail
if [[ -n "${TEST_SRCDIR:-}" ]]; then
  cd "$TEST_SRCDIR/$TEST_WORKSPACE"
fi
exec /usr/bin/python3 -B "testing/replication/$1" "${@:2}"
