#!/bin/bash
# tools/local_cluster: starts a cluster, moves slots, pushes a configuration, says what is wrong, leaves no process behind.
set -u

runfiles="$TEST_SRCDIR/$TEST_WORKSPACE"
work="$TEST_TMPDIR/cluster"
failures=0

fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

local_cluster() {
  local command="$1"
  shift
  timeout 60 "$runfiles/tools/local_cluster" "$command" --dir="$work" "$@"
}

# Passes when the text of $2 is found in what the last command printed, $output.
expect() {
  [[ "$output" == *"$2"* ]] || fail "$1: wanted '$2' in: $output"
}

# A first port with 3 free ones behind it, and 4 more 10000 above for the admin ports.
first_port=$(/usr/bin/python3 - <<'PYTHON'
import random, socket

def free(port):
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

print(next(port for port in iter(lambda: random.randrange(10000, 22000), None)
           if all(free(port + i + admin) for i in range(4) for admin in (0, 10000))))
PYTHON
)
second_port=$((first_port + 1))
cli() { timeout 20 redis-cli -c -p "$first_port" "$@"; }

trap 'local_cluster stop >/dev/null 2>&1' EXIT

output=$(local_cluster status 2>&1) && fail "status without a cluster succeeds"
expect "status without a cluster" "no cluster was started here"
output=$(local_cluster start --binary="$work/nothing" 2>&1) && fail "start without a server succeeds"
expect "start without a server" "there is no program $work/nothing"

# A program that cannot be run: the reason is told, not what went wrong in clearing up.
mkdir -p "$work"
printf '\x7fELF and nothing behind it' >"$work/unfit"
chmod +x "$work/unfit"
output=$(local_cluster start --first_port="$first_port" --binary="$work/unfit" 2>&1) && fail "start of what is no program succeeds"
expect "start of what is no program" "Exec format error"
[[ ! -e "$work/state.json" ]] || fail "a start that failed is remembered"

# Ctrl-C while a node gives no answer: the node is ended.
cat >"$work/silent" <<'SCRIPT'
#!/bin/bash
exec -a "$0" /usr/bin/python3 -c 'import time; time.sleep(100)' "$@"
SCRIPT
chmod +x "$work/silent"
output=$(timeout --signal=INT 3 "$runfiles/tools/local_cluster" start --dir="$work" --first_port="$first_port" \
  --binary="$work/silent" 2>&1)
expect "start is interrupted" "interrupted"
expect "an interrupted start ends its node" ": stopped"
kill -0 "$(sed -n 's/^node 1, process \([0-9]*\): stopped$/\1/p' <<<"$output")" 2>/dev/null && fail "an interrupted start leaves its node"

start=(start --nodes=3 --first_port="$first_port" --binary="$runfiles/server/server")
output=$(local_cluster "${start[@]}" 2>&1) || fail "start: $output"
expect "start shows the configuration" '"slot_ranges": [{"start": 0, "end": 5460}]'
expect "start gives the last node the rest" '"slot_ranges": [{"start": 10922, "end": 16383}]'
[[ $(grep -c ': OK$' <<<"$output") == 3 ]] || fail "start pushes to three nodes: $output"
output=$(local_cluster "${start[@]}" 2>&1) && fail "a second start succeeds"
expect "a second start" "a cluster runs already"
output=$(local_cluster "${start[@]}" --dir="$work-2" 2>&1) && fail "a start on ports in use succeeds"
expect "a start on ports in use" "port $first_port cannot be had"

output=$(local_cluster status 2>&1) || fail "status: $output"
[[ $(grep -c ': master, cluster ok, 0 keys, slots' <<<"$output") == 3 ]] || fail "status of three nodes: $output"

# The slot of "greeting" is 12714.
[[ "$(cli set greeting hello)" == OK && "$(cli get greeting)" == hello ]] || fail "a key is stored and read back"
output=$(local_cluster move 12000 12999 "$second_port" 2>&1) || fail "move: $output"
expect "move shows the configuration" '{"start": 12000, "end": 12999}'
output=$(local_cluster status 2>&1) || fail "status after move: $output"
expect "status shows what node 2 got" "slots 5461-10921 12000-12999"
expect "status shows what node 3 has left" "slots 10922-11999 13000-16383"
[[ -z "$(cli get greeting)" ]] || fail "a key of a moved slot is still there"
[[ "$(redis-cli -p "$first_port" get greeting)" == "MOVED 12714 127.0.0.1:$second_port" ]] || fail "the old owner redirects"

output=$(local_cluster move 5 4 1 2>&1) && fail "a move of no range succeeds"
expect "a move of no range" "5 to 4 is no range"
output=$(local_cluster move 0 1 4 2>&1) && fail "a move to no node succeeds"
expect "a move to no node" "there is no node '4'"

output=$(echo '[]' | local_cluster push - 2>&1) && fail "a bad configuration is taken"
expect "a bad configuration" "Invalid cluster configuration."
expect "a bad configuration, in all" "3 of 3 nodes did not take the configuration"
id=$(redis-cli -p "$first_port" CLUSTER MYID)
cat >"$TEST_TMPDIR/one.json" <<JSON
[{"slot_ranges": [{"start": 0, "end": 16383}], "master": {"id": "$id", "ip": "127.0.0.1", "port": $first_port}, "replicas": []}]
JSON
output=$(local_cluster push "$TEST_TMPDIR/one.json" 2>&1) || fail "push: $output"
[[ "$(redis-cli -p "$first_port" set greeting hello)" == OK ]] || fail "node 1 owns everything after the push"

# A process of the same number that is not ours is left alone: the state file is made to name this shell.
cp "$work/state.json" "$TEST_TMPDIR/state.json"
sed -i -E "s/\"pid\": [0-9]+/\"pid\": $$/" "$work/state.json"
output=$(local_cluster stop 2>&1) || fail "stop of what is not ours: $output"
[[ $(grep -c 'had ended already' <<<"$output") == 3 ]] || fail "stop touches what is not ours: $output"
cp "$TEST_TMPDIR/state.json" "$work/state.json"

output=$(local_cluster stop 2>&1) || fail "stop: $output"
[[ $(grep -c ': stopped$' <<<"$output") == 3 ]] || fail "stop ends three nodes: $output"
output=$(local_cluster status 2>&1) && fail "status after stop succeeds"
redis-cli -p "$first_port" ping >/dev/null 2>&1 && fail "node 1 still answers"

# Two masters with a replica each: masters are nodes 1 and 3.
output=$(local_cluster start --nodes=2 --replicas=1 --first_port="$first_port" --binary="$runfiles/server/server" 2>&1) ||
  fail "start with replicas: $output"
expect "start with replicas names them" "\"port\": $first_port}, \"replicas\": [{\"id\": \"$(redis-cli -p "$second_port" CLUSTER MYID)\""
[[ "$(cli set greeting hello)" == OK && "$(redis-cli -p $((first_port + 2)) wait 1 5000)" == 1 ]] || fail "a write reaches a replica"
[[ "$(redis-cli -p $((first_port + 3)) get greeting)" == hello ]] || fail "the replica of node 3 has what node 3 has"
output=$(local_cluster status 2>&1) || fail "status with replicas: $output"
expect "status shows the masters" "master with 1 replicas, cluster ok"
expect "status shows whose replica a node is" "replica of node 3, link up, cluster ok, 1 keys, slots 8192-16383"
output=$(local_cluster move 0 1 2 2>&1) && fail "a move to a replica succeeds"
expect "a move to a replica" "node 2 is not the master of a shard"
output=$(local_cluster stop 2>&1) || fail "stop with replicas: $output"
[[ $(grep -c ': stopped$' <<<"$output") == 4 ]] || fail "stop ends four nodes: $output"

[[ "$failures" == 0 ]] || { cat "$work"/*.log >&2; exit 1; }
echo "a cluster is started, reshaped and stopped"
