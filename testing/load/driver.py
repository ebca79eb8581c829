"""What the tests of this folder share: the driver as a process, and servers to aim it at."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../clients"))

import clusters  # pylint: disable=wrong-import-position
from resp import Connection, slot_of  # pylint: disable=wrong-import-position,unused-import

_RUN_S = 120


def built(path):
    """A program among the runfiles of a Bazel test, or as built in the tree."""
    if "TEST_SRCDIR" in os.environ:
        return os.path.join(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], path)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    return os.path.join(root, "bazel-bin", path)


class Run:
    """One run of the driver that has ended."""

    def __init__(self, process, output, errors):
        self.code = process.returncode
        self.output = output
        self.errors = errors

    @property
    def results(self):
        if not self.output.startswith("{"):
            raise AssertionError(f"no results (exit code {self.code}): {self.output}{self.errors}")
        return json.loads(self.output)


def start(port, *flags, folder=None):
    """Works in `folder`, if one is given."""
    return subprocess.Popen([built("benchmarks/load/load"), f"--port={port}", "--json=-", *flags], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, cwd=folder)


def finish(process):
    output, errors = process.communicate(timeout=_RUN_S)
    return Run(process, output, errors)


def run(port, *flags):
    return finish(start(port, *flags))


class DriverCase(unittest.TestCase):
    """Has a folder, and ends the processes that it was told of."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start_server(self, words):
        """Of `words`, "{port}" stands for the port; returns the process and the port."""
        port = clusters.free_ports(1)[0]
        command = [word.replace("{port}", str(port)) for word in words]
        process = clusters.start_process(command, os.path.join(self.folder, f"{port}.log"))
        self.addCleanup(self._end, process)

        def answers():
            self.assertIsNone(process.poll(), f"{command} has ended")
            try:
                with Connection(port) as connection:
                    connection.call_all([["PING"]])
                return True
            except OSError:
                return False

        clusters.wait_until(answers, f"an answer from {command}")
        return process, port

    @staticmethod
    def _end(process):
        process.kill()
        process.wait()

    def run_well(self, port, *flags):
        """The results of a run that has to succeed."""
        one = run(port, *flags)
        self.assertEqual(one.code, 0, one.errors)
        return one.results
