#!/bin/bash
# Shows each rule firing.
set -euo pipefail
exec /usr/bin/python3 -B testing/symbols/imported_symbols_rules_test.py
