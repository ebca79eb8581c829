#!/bin/bash
# Each seed gives the hash that corpus.txt has of it, in this build too: corpus_test.sh CORPUS PATH/TO/run SCENARIO...
set -euo pipefail

corpus="$1"
shift
if ! diff "$corpus" <(testing/scenarios/corpus.sh "$@"); then
  echo "Either this build is not deterministic, or what a run does has changed. In the latter case:"
  echo "  tools/bazel run //testing/scenarios:corpus > testing/scenarios/corpus.txt"
  exit 1
fi
