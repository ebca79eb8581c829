#!/bin/bash
# Runs the simulator with the arguments given: run_case.sh PATH/TO/run --replay=... --kept
set -euo pipefail
exec "$@"
