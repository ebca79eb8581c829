#!/bin/bash
# Lints the tree that this test was built from: WORKSPACE among its runfiles is a link to the real one.
set -euo pipefail
runfiles="${TEST_SRCDIR}/${TEST_WORKSPACE}"
root="$(dirname "$(readlink -f "$runfiles/WORKSPACE")")"
# -B: leave no __pycache__ in the tree. The system's Python, whatever else PATH holds.
exec /usr/bin/python3 -B "$runfiles/testing/lint/lint.py" "$root"
