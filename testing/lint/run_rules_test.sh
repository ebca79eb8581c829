#!/bin/bash
# Runs the linter's own tests.
set -euo pipefail
cd "${TEST_SRCDIR}/${TEST_WORKSPACE}/testing/lint"
exec /usr/bin/python3 -B -m unittest --verbose rules_test
