"""The clusters under test, behind one face: a real Redis Cluster, which is the oracle, and Damselfly's two cluster modes.

    start()                            all slots served, every node agrees
    nodes                              in order of their slots; a node has host, port and id
    move_slots(first, last, to)        node `to` owns the slots from now on, and they are empty
    stop()                             ends the processes that start() began, and no others
"""

import atexit
import ctypes
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

from resp import SLOT_COUNT, Connection, ReplyError

_START_S = 30
_START_ATTEMPTS = 3
_PR_SET_PDEATHSIG = 1


def is_free(port):
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """Ports of the loopback interface that nobody listens on now. They lie below those that the system gives to outgoing
    connections, so only another test may take one before the node does that it is for."""
    ports = set()
    while len(ports) < count:
        port = random.randrange(10000, 32000)
        if is_free(port):
            ports.add(port)
    return list(ports)


class NotStarted(Exception):
    """A node has ended before it served, or serves without one of its ports."""


def wait_until(condition, what, seconds=_START_S):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def start_process(command_line, log_path):
    """A process that writes to the log, works in the log's folder, and ends with this process, whatever happens."""
    parent = os.getpid()

    def end_with_parent():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(127)

    with open(log_path, "ab") as log:
        return subprocess.Popen(command_line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                cwd=os.path.dirname(log_path), preexec_fn=end_with_parent)


@dataclass
class Node:
    port: int
    admin_port: int = 0
    host: str = "127.0.0.1"
    id: str = ""
    process: subprocess.Popen = None
    log_path: str = ""

    def connect(self):
        return Connection(self.port, self.host)

    def answers_ping(self):
        if self.process.poll() is not None:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                raise NotStarted(f"{self.process.args[0]} ended with {self.process.returncode}: {log.read()}")
        try:
            with self.connect() as connection:
                return connection.call("PING") == "PONG"
        except (OSError, ReplyError):
            return False

    def learn_id(self):
        with self.connect() as connection:
            self.id = connection.call("CLUSTER", "MYID")
        if self.admin_port:
            # A node of ours that cannot have its admin port goes on without: somebody else may answer there, or nobody.
            try:
                with Connection(self.admin_port, self.host) as connection:
                    answer = connection.call("CLUSTER", "MYID")
            except (OSError, ReplyError) as error:
                answer = error
            if answer != self.id:
                raise NotStarted(f"the node on port {self.port} does not answer on its admin port {self.admin_port}: {answer}")


class Cluster:
    """What the three kinds have in common: processes, and which node owns which slots."""

    kind = ""
    node_count = 3
    has_cross_slot_errors = True  # whether a command on keys of several slots is refused
    plain_messages_reach_all_nodes = False  # whether PUBLISH on one node reaches subscribers of another

    def __init__(self):
        self.nodes = []
        self._directory = tempfile.TemporaryDirectory(prefix="clients-", dir=os.environ.get("TEST_TMPDIR"))
        # The owner of each slot, as an index into nodes: as redis-cli --cluster create deals them out.
        bounds = [round(SLOT_COUNT * i / self.node_count) for i in range(self.node_count + 1)]
        self._owner = [next(i for i in range(self.node_count) if slot < bounds[i + 1]) for slot in range(SLOT_COUNT)]

    def start(self):
        for attempt in range(1, _START_ATTEMPTS + 1):
            atexit.register(self.stop)
            try:
                self._start_processes()
                for node in self.nodes:
                    wait_until(node.answers_ping, f"a PONG from port {node.port}")
                    node.learn_id()
                break
            except NotStarted:
                # Most likely another test was quicker and has its port.
                if attempt == _START_ATTEMPTS:
                    raise
                self.stop()
                self.nodes = []
        self._form()
        for node in self.nodes:
            wait_until(lambda node=node: self._agrees(node), f"the slots as the port {node.port} sees them")
        return self

    def stop(self):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.process.send_signal(signal.SIGTERM)
        for node in self.nodes:
            if node.process is not None:
                try:
                    node.process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    node.process.kill()
                    node.process.wait()
        atexit.unregister(self.stop)

    def owner_of(self, slot):
        return self.nodes[self._owner[slot]]

    def ranges_of(self, node):
        """The node's slots as a list of (first, last), ascending."""
        ranges = []
        for slot in range(SLOT_COUNT):
            if self.nodes[self._owner[slot]] is not node:
                continue
            if ranges and ranges[-1][1] == slot - 1:
                ranges[-1] = (ranges[-1][0], slot)
            else:
                ranges.append((slot, slot))
        return ranges

    def move_slots(self, first, last, to):
        """Takes the slots from the one node that owns all of them. Their keys are gone afterwards."""
        sources = {self._owner[slot] for slot in range(first, last + 1)}
        assert len(sources) == 1, f"slots {first}-{last} have {len(sources)} owners"
        source = sources.pop()
        self._owner[first:last + 1] = [self.nodes.index(to)] * (last - first + 1)
        self._move(first, last, self.nodes[source], to)
        for node in self.nodes:
            wait_until(lambda node=node: self._agrees(node), f"the moved slots as the port {node.port} sees them")

    def _start_process(self, node, command_line):
        node.log_path = os.path.join(self._directory.name, f"{node.port}.log")
        node.process = start_process(command_line, node.log_path)

    def _agrees(self, node):
        """Whether the node serves all slots, and knows their owners as we do."""
        with node.connect() as connection:
            if "cluster_state:ok" not in connection.call("CLUSTER", "INFO"):
                return False
            seen = {(first, last, master[1]) for first, last, master, *_ in connection.call("CLUSTER", "SLOTS")}
        return seen == {(*slots, owner.port) for owner in self.nodes for slots in self.ranges_of(owner)}

    def _start_processes(self):
        raise NotImplementedError

    def _form(self):
        """Makes one cluster of the nodes that run, with the slots dealt out as _owner says."""

    def _move(self, first, last, source, to):
        raise NotImplementedError


class RedisCluster(Cluster):
    """Three nodes of redis-server."""

    kind = "redis"
    plain_messages_reach_all_nodes = True

    def _start_processes(self):
        ports = free_ports(2 * self.node_count)
        for port, bus_port in zip(ports[::2], ports[1::2]):
            node = Node(port)
            self.nodes.append(node)
            self._start_process(node, ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "-::1", "--save", "",
                                       "--appendonly", "no", "--cluster-enabled", "yes", "--cluster-port", str(bus_port),
                                       "--cluster-config-file", f"{port}.conf", "--cluster-node-timeout", "15000"])

    def _form(self):
        addresses = [f"{node.host}:{node.port}" for node in self.nodes]
        subprocess.run(["redis-cli", "--cluster", "create", *addresses, "--cluster-yes"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)

    def _move(self, first, last, source, to):
        """As a resharding does it, but that the keys are deleted instead of taken along. From the moment a slot is marked,
        what the source no longer has is asked of the target, so a slot that is empty there stays so."""
        slots = range(first, last + 1)
        with source.connect() as at_source, to.connect() as at_target:
            _all_ok(at_target, [("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id) for slot in slots])
            _all_ok(at_source, [("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id) for slot in slots])
            for keys in at_source.call_all([("CLUSTER", "GETKEYSINSLOT", slot, 10000) for slot in slots]):
                if keys:
                    at_source.call("DEL", *keys)
            for connection in (at_target, at_source):
                _all_ok(connection, [("CLUSTER", "SETSLOT", slot, "NODE", to.id) for slot in slots])


class DamselflyEmulated(Cluster):
    """One node of ours that looks like a whole cluster."""

    kind = "emulated"
    node_count = 1
    has_cross_slot_errors = False
    plain_messages_reach_all_nodes = True

    def _start_processes(self):
        node = Node(free_ports(1)[0])
        self.nodes.append(node)
        self._start_process(node, [server_path(), f"--port={node.port}", "--cluster_mode=emulated", "--threads=2"])


class DamselflyCluster(Cluster):
    """Three nodes of ours, and this class as the control plane that gives them their configuration."""

    kind = "damselfly"

    def _start_processes(self):
        ports = free_ports(2 * self.node_count)
        for port, admin_port in zip(ports[::2], ports[1::2]):
            node = Node(port, admin_port)
            self.nodes.append(node)
            self._start_process(node, [server_path(), f"--port={port}", f"--admin_port={admin_port}", "--cluster_mode=yes",
                                       "--threads=2"])

    def _form(self):
        self._push(self.nodes)

    def _move(self, first, last, source, to):
        """The new owner hears of it first: a client that the old one sends there is served."""
        self._push([to, *(node for node in self.nodes if node is not to)])

    def _push(self, nodes):
        config = json.dumps([{
            "slot_ranges": [{"start": first, "end": last} for first, last in self.ranges_of(node)],
            "master": {"id": node.id, "ip": node.host, "port": node.port},
            "replicas": [],
        } for node in self.nodes])
        for node in nodes:
            with Connection(node.admin_port) as connection:
                connection.call("DFLYCLUSTER", "CONFIG", config)


KINDS = {cluster.kind: cluster for cluster in (RedisCluster, DamselflyEmulated, DamselflyCluster)}


def server_path():
    """The server among the runfiles of a Bazel test, or as built in the tree."""
    if "TEST_SRCDIR" in os.environ:
        return os.path.join(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "server/server")
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    return os.path.join(root, "bazel-bin/server/server")


def _all_ok(connection, commands):
    for command, reply in zip(commands, connection.call_all(commands)):
        if reply != "OK":
            raise RuntimeError(f"{' '.join(map(str, command))}: {reply}")
