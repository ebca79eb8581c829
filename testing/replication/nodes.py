"""What the tests of this folder share: nodes that are started, killed and started again on the same ports, replicas that are
waited for, and the case that looks through the logs in the end."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../clients"))

import clusters  # pylint: disable=wrong-import-position
from clusters import wait_until  # pylint: disable=wrong-import-position,unused-import
from resp import Connection, ReplyError  # pylint: disable=wrong-import-position

LOADING = "LOADING Damselfly is loading the dataset in memory"
READONLY = "READONLY You can't write against a read only replica."
# What a server says that has found itself in the wrong: a failed check, or a sanitizer's report.
_FATAL = re.compile(r"CHECK failed|Check failed|DFLY_CHECK|Sanitizer|Assertion|terminate called|Segmentation|stack trace", re.I)
# Under a sanitizer everything takes its time.
_IN_STEP_S = 60


class Node:
    """A server of ours on a port of its own, which it keeps over restarts."""

    def __init__(self, folder, *flags, threads=2, port=None, password=None):
        self.password = password
        self.port = port or clusters.free_ports(1)[0]
        self.flags = [f"--threads={threads}", *flags, *([f"--requirepass={password}"] if password else [])]
        self.log_path = os.path.join(folder, f"{self.port}.log")
        self.process = None
        self._connection = None

    def launch(self, *more_flags):
        """Starts the process, without waiting for it."""
        self._hang_up()
        command = [clusters.server_path(), f"--port={self.port}", "--bind=127.0.0.1", *self.flags, *more_flags]
        self.process = clusters.start_process(command, self.log_path)
        return self

    def start(self, *more_flags):
        self.launch(*more_flags)
        wait_until(self._is_there, f"an answer from port {self.port}")
        return self

    def _is_there(self):
        if self.process.poll() is not None:
            raise clusters.NotStarted(f"port {self.port}: ended with {self.process.returncode}: {self.log()[-3000:]}")
        try:
            # A replica that is loading refuses PING, and is there nevertheless; another process may have the port.
            return f"process_id:{self.process.pid}\r\n" in self.call("INFO", "server")
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._hang_up()

    @contextlib.contextmanager
    def frozen(self):
        """Inside it no thread of the process runs: the signal alone does not say when the last of them stands still."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            wait_until(self._stands_still, f"the threads of port {self.port} to stand still")
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def _stands_still(self):
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/stat", encoding="utf-8") as file:
                # The state is the first field behind the name, which stands in parentheses.
                if file.read().rsplit(")", 1)[1].split()[0] != "T":
                    return False
        return True

    def stop(self):
        """The exit code after SIGTERM; minus the signal if it had to be killed."""
        self._hang_up()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, seconds=30):
        """The exit code of a process that ends by itself."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def connect(self, timeout_s=60):
        connection = Connection(self.port, timeout_s=timeout_s)
        if self.password:
            connection.call("AUTH", self.password)
        return connection

    def call(self, *words):
        """One command over a connection that is kept. Raises ReplyError or OSError."""
        if self._connection is None:
            self._connection = self.connect()
        try:
            return self._connection.call(*words)
        except OSError:
            self._hang_up()
            raise

    def answer(self, *words):
        """The same, but the text of an error reply in place of an exception."""
        try:
            return self.call(*words)
        except ReplyError as error:
            return str(error)

    def call_all(self, commands):
        if self._connection is None:
            self._connection = self.connect()
        return self._connection.call_all(commands)

    def _hang_up(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def info(self, section="replication"):
        lines = self.call("INFO", section).split("\r\n")
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def digest(self):
        return self.call("DEBUG", "DIGEST")

    def replicate(self, master):
        """Makes it a replica of another node, or of a port."""
        port = master if isinstance(master, int) else master.port
        assert self.call("REPLICAOF", "127.0.0.1", port) == "OK"

    def is_in_step(self):
        info = self.info()
        return info.get("master_link_status") == "up" and info.get("master_sync_in_progress") == "0"

    def knows_replicas_in_step(self):
        """Whether this master has the first acknowledgements of all its replicas, which come after they are in step."""
        lines = [value for name, value in self.info().items() if re.fullmatch(r"slave\d+", name)]
        return bool(lines) and all(re.search(",state=(online|stable_sync),", line) for line in lines)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def complaint(self):
        """The first line of the log with which a server gives up, or ""."""
        return next((line for line in self.log().splitlines() if _FATAL.search(line)), "")


def wait_in_step(*replicas):
    for replica in replicas:
        wait_until(replica.is_in_step, f"the replica on port {replica.port} in step with its master", _IN_STEP_S)


class ReplicationCase(unittest.TestCase):
    """Nodes by name, all ended when the test ends; none of them may have complained or ended by itself."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="replication-", dir=os.environ.get("TEST_TMPDIR"))
        self._nodes = []
        self.ended_on_purpose = set()
        self.addCleanup(self._end)

    def make(self, *flags, **options):
        node = Node(self.folder, *flags, **options)
        self._nodes.append(node)
        return node

    def node(self, *flags, **options):
        """A node that answers."""
        for attempt in range(3):
            node = self.make(*flags, **options)
            try:
                return node.start()
            except clusters.NotStarted:  # Another test was quicker and has its port.
                self._nodes.remove(node)
                if attempt == 2 or "port" in options:
                    raise
        raise AssertionError("unreachable")

    def replica_of(self, master, *flags, **options):
        """A node that has had its full sync, and whose master knows it."""
        replica = self.node(*flags, **options)
        replica.replicate(master)
        wait_in_step(replica)
        wait_until(master.knows_replicas_in_step, f"the master on port {master.port} with its replicas online", _IN_STEP_S)
        return replica

    def assert_equal_data(self, *nodes):
        """Within a while: changes are on their way, and a deadline's deletion is the master's to send."""
        digests = []

        def agree():
            digests[:] = [node.digest() for node in nodes]
            return len(set(digests)) == 1

        try:
            wait_until(agree, "equal digests", _IN_STEP_S)
        except TimeoutError:
            self.fail(f"digests differ: {digests}; keys: {[node.call('DBSIZE') for node in nodes]}")
        self.assertRegex(digests[0], r"\A[0-9a-f]{40}\Z")

    def assert_error(self, text, node, *words):
        with self.assertRaises(ReplyError, msg=" ".join(map(str, words))) as caught:
            node.call(*words)
        self.assertEqual(str(caught.exception), text)

    @staticmethod
    def error_of(node, *words):
        """The error that the command gets, or ""."""
        try:
            node.call(*words)
        except ReplyError as error:
            return str(error)
        return ""

    def assert_error_begins(self, text, node, *words):
        with self.assertRaises(ReplyError, msg=" ".join(map(str, words))) as caught:
            node.call(*words)
        self.assertEqual(str(caught.exception)[:len(text)], text, str(caught.exception))

    def _end(self):
        problems = []
        for node in self._nodes:
            if node.process is None:
                continue
            if node not in self.ended_on_purpose and not node.is_running():
                problems.append(f"the node on port {node.port} has ended with {node.process.returncode}")
            code = node.stop()
            if node not in self.ended_on_purpose and code != 0:
                problems.append(f"the node on port {node.port}: exit code {code}")
            if node.complaint():
                problems.append(f"the node on port {node.port}: {node.complaint()}")
        if problems:
            for node in self._nodes:
                print(f"--- log of port {node.port}, its end ---\n{node.log()[-6000:]}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.assertEqual(problems, [])


def pause(seconds):
    """Lets things happen that must not."""
    time.sleep(seconds)
