"""Servers under test: started on free ports, bound to cores, looked at from outside, and stopped."""

import dataclasses
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

from compare.client import Client, Refused

START_S_MAX = 10
STEADY_S_MAX = 10
SLOTS = 16384
# The id of a node of ours in cluster mode yes.
NODE = "measured-node"
# jemalloc of redis-server and the others is left as it comes; nothing is written to disk by anybody.
REDIS_COMMAND = ("redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-diskless-load", "on-empty-db")


@dataclasses.dataclass(frozen=True)
class Layout:
    """Which cores servers and the generator have; None for any."""

    cores: tuple
    servers: tuple | None
    generator: tuple | None

    def text(self):
        if self.servers is None:
            return "too few cores to bind anything: servers and generator share them"
        return f"servers on core {listed(self.servers)}, generator and replicas on core {listed(self.generator)}"

    @property
    def has_room_for_two_workers(self):
        """Whether two workers can have a core each beside a generator that keeps up with them."""
        return len(self.cores) >= 4

    def cores_of_workers(self, workers):
        """For a server of one or two workers, in a comparison of these two."""
        if self.has_room_for_two_workers:
            return self.cores[:workers]
        return self.servers if workers == 1 else None

    def generator_beside(self, workers):
        if self.has_room_for_two_workers:
            return self.cores[2:4]
        return self.generator if workers == 1 else None


def listed(cores):
    return ",".join(map(str, cores))


def place(cores, server_threads, generator_threads):
    """Servers first, the generator on other cores; nobody is bound where there are too few for that."""
    cores = tuple(sorted(cores))
    if len(cores) < server_threads + 1:
        return Layout(cores, None, None)
    rest = cores[server_threads:]
    return Layout(cores, cores[:server_threads], rest[:generator_threads])


def on_cores(cores, words):
    """The command line, bound to a core, or a list of cores, or to none (None)."""
    if cores is None:
        return list(words)
    return ["taskset", "-c", listed(cores) if isinstance(cores, (list, tuple)) else str(cores), *words]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process on a free loopback port, in an empty folder. `command` is a list of words; "{port}" in them is the port."""

    def __init__(self, name, command, cores):
        self.name = name
        self.port = free_port()
        words = [word.replace("{port}", str(self.port)) for word in command]
        if os.sep in words[0]:
            words[0] = os.path.abspath(words[0])
        words = on_cores(cores, words)
        # Of its own: what a server leaves in its folder, the next one might read.
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder.name)
        deadline = time.monotonic() + START_S_MAX
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                self.folder.cleanup()
                raise SystemExit(f"{name} did not start: {' '.join(words)}")
            time.sleep(0.02)

    def _answers(self):
        try:
            # PONG, or OK of one who says so to everything.
            self.call("PING")
            return True
        except Refused:
            return True
        except OSError:
            return False

    def command(self, text):
        """Sends one line; the raw reply, or as much of it as has come at once."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(text.encode() + b"\r\n")
            return connection.recv(65536)

    def call(self, *words):
        """One command on a connection of its own; see Client.call."""
        with Client(self.port) as client:
            return client.call(*words)

    def lacks(self, words):
        """Those of the commands that the server does not have, as a list."""
        replies = self.call("COMMAND", "INFO", *words)
        return [word for word, reply in zip(words, replies) if not reply]

    def cpu_seconds(self):
        """The time that the server's threads have run: in nanoseconds from schedstat, where /proc/PID/stat counts hundredths."""
        tasks = f"/proc/{self.process.pid}/task"
        total = 0
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def steady_resident_bytes(self, steady_s):
        """The same once it has not changed for that long: tables that grow in the background are done by then."""
        last, since = self.resident_bytes(), time.monotonic()
        begin = since
        while time.monotonic() - since < steady_s and time.monotonic() - begin < STEADY_S_MAX:
            time.sleep(0.05)
            now = self.resident_bytes()
            if abs(now - last) > last / 1000:
                last, since = now, time.monotonic()
        return self.resident_bytes()

    def go_first(self):
        """No ordinary process holds this one up from now on; a child that it forks is an ordinary one. False: not permitted."""
        try:
            for task in os.listdir(f"/proc/{self.process.pid}/task"):
                os.sched_setscheduler(int(task), os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
        except PermissionError:
            return False
        return True

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


def may_go_first():
    """Whether Server.go_first is permitted."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, *before)
    return True


def take_precedence(nice):
    """For this process and all that it starts, over what else runs on this machine."""
    if nice == 0:
        return
    os.nice(nice)
    # Linux weighs sessions before processes: the session needs a weight of its own, too.
    try:
        if os.getsid(0) != os.getpid():
            os.setsid()
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(str(nice))
    except OSError as error:
        print(f"no precedence over other sessions: {error}")


@dataclasses.dataclass(frozen=True)
class Subject:
    """A kind of server that is compared. `mode` is the cluster mode, of ours only."""

    name: str
    command: tuple
    is_ours: bool = False
    mode: str = "off"

    def start(self, cores):
        server = Server(self.name, self.command, cores)
        if self.mode == "yes":
            push(server, shard(NODE, server.port, 0, SLOTS - 1))
        return server

    def start_replica(self, cores, master):
        """One more server, which follows the master; it may not have all data yet."""
        replica = Server(self.name, [word.replace(NODE, f"{NODE}-replica") for word in self.command], cores)
        if self.mode == "yes":
            push(replica, shard(NODE, master.port, 0, SLOTS - 1, (f"{NODE}-replica", replica.port)))
        try:
            replica.call("REPLICAOF", "127.0.0.1", master.port)
        except Refused as refusal:
            replica.stop()
            raise SystemExit(f"{self.name}: {refusal}") from refusal
        return replica


def our_subjects(binary, mode, threads):
    """Our server in one cluster mode, or in all three ("all")."""
    flags = {"off": (), "emulated": ("--cluster_mode=emulated",), "yes": ("--cluster_mode=yes", f"--cluster_node_id={NODE}")}
    modes = list(flags) if mode == "all" else [mode]
    return [Subject("damselfly" if name == "off" else f"damselfly, {name}",
                    (binary, "--port={port}", "--bind=127.0.0.1", f"--threads={threads}", *flags[name]), True, name)
            for name in modes]


def with_threads(subject, threads):
    """The same server with another number of workers."""
    words = [f"--threads={threads}" if word.startswith("--threads=") else word for word in subject.command]
    return dataclasses.replace(subject, command=tuple(words))


def peer_subjects(given, split):
    """Those given as "name=command", or as none was, redis-server if it is installed. `split` makes words of a command."""
    peers = []
    for text in given:
        name, equals, command = text.partition("=")
        if not name or not equals or "{port}" not in command:
            raise SystemExit(f"--peer={text}: wants name=command with {{port}} in it")
        peers.append(Subject(name, tuple(split(command))))
    if all(peer.name != "redis-server" for peer in peers) and shutil.which("redis-server"):
        peers.insert(0, Subject("redis-server", REDIS_COMMAND))
    return peers


def shard(node, port, start, end, *replicas):
    """A shard of a configuration, as JSON; replicas are (id, port)."""
    return json.dumps({"slot_ranges": [{"start": start, "end": end}], "master": _address(node, port),
                       "replicas": [_address(*replica) for replica in replicas]})


def _address(node, port):
    return {"id": node, "ip": "127.0.0.1", "port": port}


def push(server, *shards):
    """Pushes a configuration of these shards; returns the seconds until the answer."""
    with Client(server.port) as client:
        begin = time.perf_counter()
        try:
            client.call("DFLYCLUSTER", "CONFIG", "[" + ",".join(shards) + "]")
        except Refused as refusal:
            raise SystemExit(f"the configuration was refused: {refusal}") from refusal
        return time.perf_counter() - begin
