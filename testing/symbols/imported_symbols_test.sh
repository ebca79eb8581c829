#!/bin/bash
# Looks at the archives named by the arguments.
set -euo pipefail
exec /usr/bin/python3 -B testing/symbols/imported_symbols.py "$@"
