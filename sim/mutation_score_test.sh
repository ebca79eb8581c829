#!/bin/bash
# Scores single mutants: one that is found, one that has too few seeds, one that there is not.
set -euo pipefail
score="$1"

found="$("$score" --mutant=reply-repeated --json)"
grep -q '"mutant":"reply-repeated".*"found":true.*"oracle":"S' <<<"$found"
grep -q '"count":1,"found":1' <<<"$found"

status=0
missed="$("$score" --mutant=wait-wishful --seeds=0)" || status=$?
[[ "$status" -eq 1 ]]
grep -q '0 of 1 mutants found' <<<"$missed"

status=0
"$score" --mutant=no-such-mutant >/dev/null || status=$?
[[ "$status" -eq 2 ]]
