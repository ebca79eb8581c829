#!/bin/bash
# Runs the same seeds of a scenario in two processes and compares the hashes of their traces:
# two_processes_test.sh PATH/TO/run --scenario=...
set -euo pipefail

hashes() { "$@" --hashes --repeat_every=0 --seeds=1..40; }

first="$(hashes "$@")"
# Another size of the environment moves the stack; another allocator setting moves the heap.
second="$(SOME_VARIABLE="$(printf 'x%.0s' {1..3000})" MALLOC_PERTURB_=165 MALLOC_ARENA_MAX=1 \
  hashes "$@")"
if [[ "$first" != "$second" ]]; then
  diff <(printf '%s\n' "$first") <(printf '%s\n' "$second") || true
  echo "the two processes differ"
  exit 1
fi
[[ "$(wc -l <<<"$first")" -eq 40 ]]
