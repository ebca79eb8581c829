#!/bin/bash
# Runs one of the tests of this folder: run_test.sh FILE ARGUMENT...
set -euo pipefail
# The system's Python: python3-redis is installed for that one, whatever else PATH holds. -B: no __pycache__ in the tree.
exec /usr/bin/python3 -B "${TEST_SRCDIR}/${TEST_WORKSPACE}/testing/clients/$1" "${@:2}"
