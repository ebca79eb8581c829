#!/bin/bash
# Runs one of the programs of this folder: run_test.sh FILE ARGUMENT...
set -euo pipefail
folder="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# The system's Python, whatever else PATH holds. -B: no __pycache__ in the tree.
exec /usr/bin/python3 -B "$folder/$1" "${@:2}"
