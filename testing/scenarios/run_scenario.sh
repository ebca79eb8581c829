#!/bin/bash
# Runs the simulator with the arguments given: run_scenario.sh PATH/TO/run --scenario=... --seeds=...
set -euo pipefail
exec "$@"
