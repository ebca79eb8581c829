#!/bin/bash
# Runs one of the programs of this folder: run_test.sh FILE ARGUMENT... -B: no __pycache__ in the tree.
set -euo pipefail
if [[ -n "${TEST_SRCDIR:-}" ]]; then
  cd "$TEST_SRCDIR/$TEST_WORKSPACE"
fi
exec /usr/bin/python3 -B "testing/load/$1" "${@:2}"
