"""Waiting for replicas of servers under test."""

import re
import time

from compare.client import Client

SYNC_S_MAX = 300
STEP_S = 0.01
DRAIN_MS_MAX = 60000


def info(server, *names):
    """The replica's or master's own words, "" for what it does not say."""
    text = server.command("INFO replication").decode()
    found = [re.search(rf"^{name}:(.*?)\r?$", text, re.MULTILINE) for name in names]
    return [match.group(1) if match else "" for match in found]


def is_in_step(replica):
    return info(replica, "master_link_status", "master_sync_in_progress") == ["up", "0"]


def wait_for(condition, what):
    deadline = time.monotonic() + SYNC_S_MAX
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {SYNC_S_MAX} s")
        time.sleep(STEP_S)


def wait_until_in_step(replica):
    wait_for(lambda: is_in_step(replica), f"the sync of the replica of {replica.name}")


def drain(master):
    """Waits until the replica has acknowledged all that was written so far."""
    with Client(master.port) as client:
        client.call("SET", "drain", "now")
        if client.call("WAIT", 1, DRAIN_MS_MAX) < 1:
            raise SystemExit(f"the replica of {master.name} has lagged for {DRAIN_MS_MAX} ms")
