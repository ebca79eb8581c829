"""ioredis and node-redis: starts the cluster, runs the client's behaviours under node, and does for them what only the
control plane can.

The script finds the cluster's description in the file that its first argument names. It asks by a line on its standard
output that begins with '@', and waits for a line on its standard input; all its other lines are for the reader."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading

import clusters
import npm_packages
import resp

_CLIENTS = {"ioredis": "ioredis_behaviours.js", "node_redis": "node_redis_behaviours.js"}
_SCRIPT_S = 100
_MOVED_SLOT_COUNT = 1000


def describe(cluster):
    return {
        "nodes": [{"host": node.host, "port": node.port, "id": node.id, "ranges": cluster.ranges_of(node)}
                  for node in cluster.nodes],
        "keys": resp.key_of_each_slot(),
        "hasCrossSlotErrors": cluster.has_cross_slot_errors,
    }


def answer(cluster, request):
    """What a line '@request' is answered with."""
    if request == "empty":
        for node in cluster.nodes:
            with node.connect() as connection:
                connection.call("FLUSHALL")
        return {}
    assert request == "move", request
    first = cluster.ranges_of(cluster.nodes[0])[0][0]
    last = first + _MOVED_SLOT_COUNT - 1
    cluster.move_slots(first, last, cluster.nodes[1])
    return {"first": first, "last": last, **describe(cluster)}


def run_script(cluster, script, node_modules):
    """The exit code of the script; it is ended when it has not finished in time."""
    folder = os.path.dirname(os.path.realpath(__file__))
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=os.environ.get("TEST_TMPDIR")) as description:
        json.dump(describe(cluster), description)
        description.flush()
        process = subprocess.Popen(["node", os.path.join(folder, script), description.name], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ, "NODE_PATH": node_modules})
        timer = threading.Timer(_SCRIPT_S, process.kill)
        timer.start()
        try:
            for line in process.stdout:
                if line.startswith("@"):
                    process.stdin.write(json.dumps(answer(cluster, line[1:].strip())) + "\n")
                    process.stdin.flush()
                else:
                    print(line, end="", flush=True)
            return process.wait()
        finally:
            timer.cancel()
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cluster", choices=sorted(clusters.KINDS), required=True)
    parser.add_argument("--client", choices=sorted(_CLIENTS), required=True)
    arguments = parser.parse_args()
    try:
        node_modules = npm_packages.install(os.path.dirname(os.path.abspath(__file__)))
    except npm_packages.Unreachable as error:
        print(f"\n*** NOTHING WAS TESTED: {arguments.client} cannot be installed here ***\n{error}", file=sys.stderr)
        return 0
    cluster = clusters.KINDS[arguments.cluster]().start()
    try:
        code = run_script(cluster, _CLIENTS[arguments.client], node_modules)
    finally:
        cluster.stop()
    print(f"{arguments.client} on {arguments.cluster}: exit code {code}")
    return 0 if code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
