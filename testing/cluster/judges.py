"""What the fuzzer asks: the parser behind a pipe, or a whole server."""

import random
import socket
import struct
import subprocess
import tempfile
import time

import config_mutants
import config_oracle

REFUSAL = "ERR Invalid cluster configuration. "
REASON_BYTES_MAX = 500
# Refusals by the server between two looks at its topology.
_LOOK_EVERY = 50
_START_ATTEMPTS = 3


class Complaint(Exception):
    """A promise that was not kept."""


def check_reason(reason):
    if not 0 < len(reason.encode()) < REASON_BYTES_MAX or any(not character.isprintable() for character in reason):
        raise Complaint(f"an unfit reason: {reason[:600]!r}")


class FilterJudge:
    """//server/cluster:config_check."""

    def __init__(self, path):
        self.process = subprocess.Popen([path, f"--bytes_max={config_oracle.BYTES_MAX}"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def start(self):
        """Nothing to wait for."""

    def judge(self, text, _wanted):
        self.process.stdin.write(struct.pack(">I", len(text)) + text)
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise Complaint(f"the filter ended with code {self.process.wait()}")
        answer = answer[:-1].decode()
        if answer == "ok":
            return True, ""
        check_reason(answer)
        return False, answer

    def finish(self):
        """Ends the filter and checks that it ends well."""
        self.process.stdin.close()
        if self.process.wait(timeout=60) != 0:
            raise Complaint(f"the filter's exit code was {self.process.returncode}")

    def abandon(self):
        """Ends the process, if it has not ended."""
        self.process.kill()
        self.process.wait()


class ServerJudge:
    """A server of its own, a member of a cluster, on a free loopback port."""

    def __init__(self, path):
        self.path = path
        # A file: nobody reads on while the server writes.
        self.log = tempfile.TemporaryFile()
        self.process = None
        self.connection = None
        self.refusals = 0
        self.shards = None  # what the oracle has made of the last accepted text

    def start(self):
        """Starts the server, waits for it and gives it a first configuration."""
        # One that ends at once has most likely lost its port to another test.
        if not any(self._start_process() for _ in range(_START_ATTEMPTS)):
            raise Complaint(f"the server ended with code {self.process.returncode}; {self._end_of_log()}")
        first = config_mutants.plain_config("m0")
        wanted, _ = config_oracle.judge(first)
        if self.judge(first, wanted) != (True, ""):
            raise Complaint("the first configuration was refused")

    def judge(self, text, wanted):
        """`wanted` is what the oracle makes of the text, None if it refuses."""
        answer = self._push(text)
        if answer == "OK":
            # A wrong one is reported by the caller, with the text.
            if wanted is not None:
                self.shards = wanted
                self._check_topology("after an accepted configuration")
            return True, ""
        if not isinstance(answer, _Error):
            raise Complaint(f"an unfit answer: {answer!r}")
        too_long = len(text) > config_oracle.BYTES_MAX
        if not answer.startswith("ERR " if too_long else REFUSAL):
            raise Complaint(f"an unfit refusal: {answer[:600]!r}")
        check_reason(answer.removeprefix(REFUSAL))
        self.refusals += 1
        if too_long or self.refusals % _LOOK_EVERY == 0:
            self._check_topology("after a refusal")
        return False, answer

    def finish(self):
        """Looks at the topology a last time, ends the server and checks that it ends well."""
        self._check_topology("at the end")
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            raise Complaint(f"the server's exit code was {self.process.returncode}: {self._end_of_log()}")

    def abandon(self):
        """Ends the process, if there is one that has not ended."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _push(self, text):
        try:
            return self._ask(b"DFLYCLUSTER", b"CONFIG", text)
        except ConnectionError as error:
            raise Complaint(f"no answer: {error}; {self._end_of_log()}") from None

    def _end_of_log(self):
        self.log.seek(0)
        return "the server's output ends: " + self.log.read()[-3000:].decode(errors="replace")

    def _check_topology(self, when):
        wanted = _joined(config_oracle.slot_owners(self.shards))
        entries = self._ask(b"CLUSTER", b"SLOTS")
        if not isinstance(entries, list):
            raise Complaint(f"CLUSTER SLOTS {when}: {entries!r}")
        # An entry: first slot, last slot, the master's address, port, id.
        found = _joined(sorted([entry[0], entry[1], entry[2][2], entry[2][0], entry[2][1]] for entry in entries))
        if found != wanted:
            raise Complaint(f"CLUSTER SLOTS {when}: {found[:5]!r}..., not {wanted[:5]!r}...")

    def _start_process(self):
        """Whether the server serves; if not, it has ended."""
        self.port = _free_port()
        self.process = subprocess.Popen([self.path, f"--port={self.port}", "--bind=127.0.0.1", "--threads=2",
                                         "--cluster_mode=yes", "--cluster_node_id=m0"], stdout=self.log,
                                        stderr=subprocess.STDOUT)
        for _ in range(500):
            if self.process.poll() is not None:
                return False
            try:
                # Not another one, which answers on this port while ours finds out that it is taken.
                if f"process_id:{self.process.pid}\r\n" in self._ask(b"INFO", b"server"):
                    return True
                self._disconnect()
            except ConnectionError:
                time.sleep(0.02)
        raise Complaint(f"the server did not start; {self._end_of_log()}")

    def _ask(self, *words):
        if self.connection is None:
            stream = socket.create_connection(("127.0.0.1", self.port), timeout=120)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection, self.replies = stream, stream.makefile("rb")
        parts = [b"*%d\r\n" % len(words), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)]
        try:
            try:
                self.connection.sendall(b"".join(parts))
            except ConnectionError:
                # A server that has heard enough may answer and close before everything is sent.
                answer = self._reply()
                self._disconnect()
                return answer
            answer = self._reply()
        except ConnectionError:
            self._disconnect()
            raise
        if isinstance(answer, _Error) and answer.startswith("ERR Protocol error"):
            self._disconnect()
        return answer

    def _disconnect(self):
        self.replies.close()
        self.connection.close()
        self.connection = None

    def _reply(self):
        line = self.replies.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the connection ended")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return _Error(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self.replies.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        raise Complaint(f"an unfit reply: {line[:100]!r}")


class _Error(str):
    """The text of an error reply, without its dash."""


def _free_port():
    """A loopback port that nobody listens on now, below those that the system gives to outgoing connections."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def _joined(owned):
    """Neighbouring ranges of one owner as one."""
    joined = []
    for start, end, *owner in owned:
        if joined and joined[-1][1] + 1 == start and joined[-1][2:] == owner:
            joined[-1][1] = end
        else:
            joined.append([start, end, *owner])
    return joined
