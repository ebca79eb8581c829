#!/bin/bash
# Prints "SCENARIO SEED HASH" for two seeds of each scenario: corpus.sh PATH/TO/run SCENARIO.textproto...
set -euo pipefail

run="$1"
shift
for scenario in "$@"; do
  name="$(basename "$scenario" .textproto)"
  "$run" --scenario="$scenario" --hashes --repeat_every=0 --seeds=1..2 | sed "s/^/$name /"
done
