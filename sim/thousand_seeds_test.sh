#!/bin/bash
# The long sweep.
set -euo pipefail
exec "$1" --seeds=1..1000 --repeat_every=4
