"""Master and replica killed at random moments, with kill -9, while data is synchronised and written: what comes back always
recovers. After each kill the killed are started again, and once the writes pause both sides hold the same; no process ends
by itself, and no log speaks of a failed check.

Usage: tools/bazel run //testing/replication:kill_nine -- [--count=200] [--seed=1]
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time

import nodes
from nodes import ReplyError, wait_until

_RECOVERY_S = 60
_KEYS = 30000
_START_ATTEMPTS = 3


class Writer(threading.Thread):
    """Writes to the master while it is let, whatever becomes of it; forgets nothing, expects nothing."""

    def __init__(self, master, seed):
        super().__init__(daemon=True)
        self.master = master
        self.dice = random.Random(seed)
        self.running = threading.Event()
        self.idle = threading.Event()
        self.ended = False
        self.written = 0

    def run(self):
        connection = None
        while not self.ended:
            if not self.running.is_set():
                self.idle.set()
                self.running.wait(0.05)
                continue
            self.idle.clear()
            try:
                connection = connection or self.master.connect(timeout_s=10)
                connection.call_all([self._command() for _ in range(50)])
                self.written += 50
            except (OSError, ValueError):  # It has been killed, perhaps in the middle of an answer.
                if connection:
                    connection.close()
                connection = None
                time.sleep(0.01)

    def pause(self):
        self.running.clear()
        if not self.idle.wait(_RECOVERY_S):
            raise TimeoutError("a writer does not come to rest")

    def _command(self):
        key, other = (f"key:{self.dice.randrange(_KEYS)}" for _ in range(2))
        return self.dice.choice((
            ("SET", key, "v" * self.dice.choice((10, 100, 3000))), ("INCR", "counter"), ("APPEND", key, "more"), ("DEL", key),
            ("MSET", key, 1, other, 2), ("RENAME", key, other), ("SETRANGE", key, 100, "x"), ("PEXPIRE", key, 200),
            ("SET", key, 1, "PX", 100), ("COPY", key, other, "REPLACE")))


class Pair:
    """A master and its replica, which is told at each start whose replica it is."""

    def __init__(self, folder, seed):
        self.master = nodes.Node(folder, threads=2)
        self.replica = nodes.Node(folder, f"--replicaof=127.0.0.1:{self.master.port}", threads=3)
        self.dice = random.Random(seed)
        self.writers = [Writer(self.master, seed * 100 + i) for i in range(2)]

    def start(self):
        self.master.start()
        self.replica.start()
        for writer in self.writers:
            writer.start()

    def fill(self):
        """So much that a full sync takes a while; some of it in big values."""
        self.master.call("DEBUG", "POPULATE", _KEYS, "key", self.dice.choice((16, 400)))
        for i in range(3):
            self.master.call("SET", f"big:{i}", "b" * 2000000)

    def one_round(self):
        """Returns what was killed, when."""
        for writer in self.writers:
            writer.running.set()
        if self.dice.random() < 0.5:
            # A moment of a full sync, early or late.
            self.replica.kill()
            self.replica.launch()
            moment = "full sync"
            time.sleep(self.dice.uniform(0, 0.4))
        else:
            moment = "stream"
            time.sleep(self.dice.uniform(0, 0.3))
        victims = self.dice.choice(((self.master,), (self.replica,), (self.replica,), (self.master, self.replica)))
        for node in victims:
            node.kill()
        if self.dice.random() < 0.5:
            time.sleep(self.dice.uniform(0, 0.7))  # The other side notices, and tries again.
        for node in victims:
            self.start_again(node)
        if self.master in victims:
            self.fill()
        self.check_recovery()
        return " and ".join("master" if node is self.master else "replica" for node in victims) + f" in the {moment}"

    @staticmethod
    def start_again(node):
        for attempt in range(_START_ATTEMPTS):
            try:
                node.start()
                return
            except nodes.clusters.NotStarted:  # The port of the dead may not be free at once.
                if attempt == _START_ATTEMPTS - 1:
                    raise
                time.sleep(0.2)

    def check_recovery(self):
        time.sleep(self.dice.uniform(0, 0.2))
        for writer in self.writers:
            writer.pause()

        def agree():
            for node in (self.master, self.replica):
                if not node.is_running():
                    raise AssertionError(f"port {node.port} has ended with {node.process.returncode}")
            try:
                return self.replica.is_in_step() and self.master.digest() == self.replica.digest()
            except (ReplyError, OSError):
                return False

        wait_until(agree, "equal data on both sides", _RECOVERY_S)
        if self.master.call("EXISTS", "big:0", "big:1", "big:2") != 3:
            raise AssertionError("the master has lost what nobody has deleted")

    def finish(self):
        for writer in self.writers:
            writer.ended = True
            writer.running.set()
        for node in (self.replica, self.master):
            code = node.stop()
            if code != 0:
                raise AssertionError(f"port {node.port}: exit code {code} in the end")
            if node.complaint():
                raise AssertionError(f"port {node.port}: {node.complaint()}")

    def abandon(self):
        for node in (self.master, self.replica):
            if node.is_running():
                node.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=200, help="how many kills")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="kill-nine-", dir=os.environ.get("TEST_TMPDIR"))
    pair = Pair(folder, options.seed)
    began = time.monotonic()
    kills = {}
    try:
        pair.start()
        pair.fill()
        for number in range(options.count):
            try:
                what = pair.one_round()
            except Exception as error:
                raise AssertionError(f"--seed={options.seed}, kill {number + 1}: {error}") from error
            kills[what] = kills.get(what, 0) + 1
        pair.finish()
    except BaseException:
        for node in (pair.master, pair.replica):
            print(f"--- log of port {node.port}, its end ---\n{node.log()[-8000:]}", file=sys.stderr)
        raise
    finally:
        pair.abandon()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{options.count} kills in {time.monotonic() - began:.0f} s, {sum(writer.written for writer in pair.writers)} commands: "
          + ", ".join(f"{count} x {what}" for what, count in sorted(kills.items())))


if __name__ == "__main__":
    main()
