"""Measures one case on one server: its CPU time for a call, from a pipeline of calls on one connection."""

import contextlib
import os
import re
import select
import socket
import time

from compare.client import Client, request
from complexity import states
from complexity.cases import ELEMENTS_A_CLIENT
from complexity.templates import requests, values_of

# The last request of all, known by its reply: a subscriber may send it, too.
_MARK = b"the-end-of-it-all"
_LAST_REQUEST = b"*2\r\n$4\r\nPING\r\n$%d\r\n%s\r\n" % (len(_MARK), _MARK)
_LAST_REPLY = b"\r\n" + _MARK + b"\r\n"
_ERROR = re.compile(rb"(?:^|\r\n)-([^\r]*)")
_CHUNK_BYTES = 1 << 20
_ANSWER_S_MAX = 60
_FREED_S_MAX = 20
_ASLEEP_S_MAX = 0.01
_PASSES_A_SECOND = 200
# A pipeline that takes so long is long enough.
_PIPELINE_S = 0.002
# After so long a case is not repeated any more.
_CASE_S_MAX = 0.6


# Less than that no pipeline takes: the kernel has not added it to the account yet.
SECONDS_MIN = 1e-6
# Smaller collections are changed by fewer calls: they would be used up.
SIZE_FOR_ALL_CALLS = 1024


class Wrong(Exception):
    """A case that the server answers with an error."""


def exchange(connection, payload):
    """Sends all, and reads all that is answered until the last request is. Returns what was read."""
    payload += _LAST_REQUEST
    left, chunks, tail = memoryview(payload), [], b""
    while not tail.endswith(_LAST_REPLY):
        readable, writable, _ = select.select([connection], [connection] if left else [], [], _ANSWER_S_MAX)
        if writable:
            left = left[connection.send(left[:_CHUNK_BYTES]):]
        if readable:
            chunk = connection.recv(_CHUNK_BYTES)
            if not chunk:
                raise ConnectionError("the server has closed the connection")
            chunks.append(chunk)
            tail = (tail + chunk)[-len(_LAST_REPLY):]
        if not readable and not writable:
            raise ConnectionError(f"no answer within {_ANSWER_S_MAX} s")
    return b"".join(chunks)


@contextlib.contextmanager
def connected(server):
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=_ANSWER_S_MAX)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        yield connection
    finally:
        connection.close()


def send_all(connection, payload):
    connection.setblocking(True)
    connection.sendall(payload)
    connection.setblocking(False)


def fill(server, size, names):
    """An empty server gets the states that are named."""
    with connected(server) as connection:
        exchange(connection, request("FLUSHALL", "SYNC") + request("CONFIG", "SET", "maxmemory-policy", "noeviction"))
        for name in names:
            for part in states.fill(name, size):
                check(f"state {name}", exchange(connection, part))
        for part in states.fill_small(size):
            exchange(connection, part)
    wait_until_freed(server)


def check(what, replies):
    error = _ERROR.search(replies)
    if error:
        raise Wrong(f"{what}: {error.group(1).decode(errors='replace')}")


def make_ready(server):
    """Frees what was deleted soon, where it would do so at leisure while nobody asks for anything."""
    server.call("CONFIG", "SET", "hz", _PASSES_A_SECOND)


def wait_until_freed(server):
    """What was deleted is freed in the background: in the time of somebody else's call, if nobody waits for it."""
    deadline = time.monotonic() + _FREED_S_MAX
    with Client(server.port) as client:
        while b"lazyfree_pending_objects:0" not in client.call("INFO", "memory") and time.monotonic() < deadline:
            time.sleep(0.002)


def _is_running(server):
    """Whether any of its threads is: only when none is, the kernel has added all to their accounts."""
    tasks = f"/proc/{server.process.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/stat", encoding="ascii") as file:
            if file.read().rpartition(")")[2].split()[0] == "R":
                return True
    return False


def _wait_until_asleep(server):
    deadline = time.monotonic() + _ASLEEP_S_MAX
    while _is_running(server) and time.monotonic() < deadline:
        time.sleep(2e-5)


class Runner:
    """One case at one size on one server."""

    def __init__(self, server, case, size, checked):
        self.server, self.case, self.size, self.checked = server, case, size, checked
        self.numbers = range(max(1, size // case.divisor))
        self.calls_max = max(1, case.calls_max * min(size, SIZE_FOR_ALL_CALLS) // SIZE_FOR_ALL_CALLS)
        self.made = {"call": [], "each": []}

    def _request(self, template, call):
        return requests(template, values_of(self.size, call), self.numbers, self._dump)

    def _dump(self, key):
        return self.server.call("DUMP", key)

    def _requests(self, kind, calls):
        made = self.made[kind]
        template = getattr(self.case, kind)
        made += [self._request(template, call) for call in range(len(made), calls if template else 0)]
        return b"".join(made[:calls])

    @contextlib.contextmanager
    def _others(self):
        """The connections that are there while the case is measured."""
        with contextlib.ExitStack() as stack:
            if self.case.neighbour:
                send_all(stack.enter_context(connected(self.server)), self._request(self.case.neighbour, 0))
            for _ in range(max(1, self.size // ELEMENTS_A_CLIENT) if self.case.crowd else 0):
                send_all(stack.enter_context(connected(self.server)), self._request(self.case.crowd, 0))
            yield

    def pipeline(self, calls):
        """Seconds of the server's CPU time for so many calls."""
        payload = self._requests("call", calls)
        with self._others(), connected(self.server) as connection:
            before = self._request(self.case.once, 0) + self._requests("each", calls)
            replies = exchange(connection, before)
            self._check(replies)
            if before:
                wait_until_freed(self.server)
            _wait_until_asleep(self.server)
            begin = self.server.cpu_seconds()
            try:
                replies = exchange(connection, payload)
            except ConnectionError as error:
                raise Wrong(f"{self.case.name} at {self.size}: {self.server.name}: {error}") from error
            if not self.case.frees_later:
                _wait_until_asleep(self.server)
            spent = self.server.cpu_seconds() - begin
            self._check(replies)
        return spent

    def _check(self, replies):
        if self.checked:
            check(f"{self.case.name} at {self.size}", replies)

    def seconds_a_call(self, repeats):
        """The least of some repetitions: what others do on the machine only adds. 0 repetitions: of a few calls."""
        deadline = time.monotonic() + _CASE_S_MAX
        calls = min(4, self.calls_max)
        spent = self.pipeline(calls)
        if repeats == 0:
            return max(spent, SECONDS_MIN) / calls
        while spent < _PIPELINE_S and calls < self.calls_max:
            calls = min(self.calls_max, max(2 * calls, int(calls * _PIPELINE_S / max(spent, 1e-6))))
            spent = self.pipeline(calls)
        for _ in range(repeats - 1):
            if time.monotonic() > deadline and spent > SECONDS_MIN:
                break
            again = self.pipeline(calls)
            spent = min(spent, again) if min(spent, again) > SECONDS_MIN else max(spent, again)
        return max(spent, SECONDS_MIN) / calls
