#!/usr/bin/env bash
# Redis's own tools against our server: redis-cli in its modes, and redis-benchmark, must work without a warning.
set -u

server="$TEST_SRCDIR/$TEST_WORKSPACE/server/server"
work="$TEST_TMPDIR"
failures=0

fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$server" --port="$port" --threads=2 >"$work/server.log" 2>&1 &
server_pid=$!
trap 'kill "$server_pid" 2>/dev/null' EXIT
cli() { timeout 60 redis-cli -p "$port" "$@"; }
for _ in $(seq 300); do
  [ "$(cli ping 2>/dev/null)" = PONG ] && break
  sleep 0.1
done

# Interactive use: a terminal, commands typed, COMMAND DOCS fetched for the hints.
# Typed with pauses, as redis-cli throws away what was typed before its prompt.
type_slowly() {
  for line in "$@"; do
    sleep 0.7
    printf '%s\r' "$line"
  done
}
type_slowly 'set greeting hello' 'get greeting' 'incr counter' 'hello 3' quit |
  timeout 20 script -q -e -c "stty cols 100 rows 30; redis-cli -p $port" "$work/typescript" >"$work/interactive" 2>&1 || fail "interactive redis-cli"
grep -q '"hello"' "$work/interactive" || fail "interactive GET: $(cat "$work/interactive")"
grep -q '(integer) 1' "$work/interactive" || fail "interactive INCR"

# Mass insertion.
python3 - "$work/mass" <<'PYTHON'
import sys
with open(sys.argv[1], "wb") as out:
    for i in range(20000):
        out.write(b"*3\r\n$3\r\nSET\r\n$%d\r\nkey:%d\r\n$5\r\nvalue\r\n" % (len("key:%d" % i), i))
PYTHON
cli --pipe <"$work/mass" >"$work/pipe" 2>&1 || fail "redis-cli --pipe: $(cat "$work/pipe")"
grep -q 'errors: 0, replies: 20000' "$work/pipe" || fail "redis-cli --pipe: $(cat "$work/pipe")"

[ "$(cli dbsize)" = 20002 ] || fail "DBSIZE after --pipe: $(cli dbsize)"
[ "$(cli --scan | sort -u | wc -l)" = 20002 ] || fail "redis-cli --scan returned $(cli --scan | sort -u | wc -l) keys"
[ "$(cli --scan --pattern 'key:1999?' | wc -l)" = 10 ] || fail "redis-cli --scan --pattern"

cli --bigkeys >"$work/bigkeys" 2>&1 || fail "redis-cli --bigkeys: $(cat "$work/bigkeys")"
grep -q 'Sampled 20002 keys' "$work/bigkeys" || fail "redis-cli --bigkeys: $(cat "$work/bigkeys")"
cli --memkeys >"$work/memkeys" 2>&1 || fail "redis-cli --memkeys: $(cat "$work/memkeys")"
timeout 3 redis-cli -p "$port" --latency --raw >"$work/latency" 2>&1
grep -qE '^[0-9]+ [0-9]+ [0-9.]+ [1-9][0-9]*' "$work/latency" || fail "redis-cli --latency: $(cat "$work/latency")"
timeout 3 stdbuf -oL redis-cli -p "$port" --stat >"$work/stat" 2>&1
grep -q 20002 "$work/stat" || fail "redis-cli --stat: $(cat "$work/stat")"

timeout 120 redis-benchmark -p "$port" -t ping,set,get,incr,mset -c 50 -P 16 -n 50000 -q >"$work/benchmark" 2>&1 ||
  fail "redis-benchmark: $(cat "$work/benchmark")"
if grep -qiE 'warn|error' "$work/benchmark"; then fail "redis-benchmark complains: $(cat "$work/benchmark")"; fi
[ "$(tr '\r' '\n' <"$work/benchmark" | grep -c 'requests per second')" -ge 6 ] || fail "redis-benchmark: $(cat "$work/benchmark")"

kill -TERM "$server_pid"
wait "$server_pid" || fail "the server's exit code was $?"
trap - EXIT
[ "$failures" = 0 ] || { cat "$work/server.log" >&2; exit 1; }
echo "redis-cli and redis-benchmark work"
