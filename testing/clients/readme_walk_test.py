"""Types what the README's sections on replication and cluster mode say, block by block in one shell, and compares what comes back.

    ```sh        a block is typed as it stands, and has to succeed
    ```console   lines after '$ ' are typed, and the lines up to the next one must come back
    ```python    given to Python; must succeed

The ports are the README's own: nobody else may use them meanwhile. The only thing not done as typed is building the server,
which has happened when the test begins. Whatever the walk has started ends with it, however it goes."""

import ctypes
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import clusters

_SECTIONS = ("## Replication", "## Cluster mode")
_WALK_S = 100
_END_S = 10
_END = "---the command has ended with"
_PR_SET_CHILD_SUBREAPER = 36


def blocks(readme):
    """(line, language, text) of each code block of the sections."""
    for section in _SECTIONS:
        begin = readme.index(f"\n{section}\n")
        following = re.compile(r"^## ", re.MULTILINE).search(readme, begin + 1 + len(section))
        end = following.start() if following else len(readme)
        for match in re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL).finditer(readme, begin, end):
            yield readme.count("\n", 0, match.start()) + 2, match.group(1), match.group(2)


def steps(readme):
    """(line, what is typed, what must come back or None) of the whole of them."""
    for line, language, text in blocks(readme):
        if language == "sh":
            yield line, text, None
        elif language == "python":
            yield line, f"/usr/bin/python3 - <<'END_OF_PYTHON'\n{text}END_OF_PYTHON\n", None
        elif language == "console":
            for match in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                yield line + text.count("\n", 0, match.start()), match.group(1) + "\n", match.group(2)
        else:
            raise ValueError(f"README.md:{line}: a block in '{language}' cannot be typed")


class Astray(Exception):
    """The walk cannot go on."""


class Shell:
    """A shell whose output is a terminal, as the README shows what a terminal shows. What goes to standard error, such as
    the servers' logs, lands in a file. What it is told has to be done within _WALK_S seconds, all in all."""

    def __init__(self, folder):
        self._output, theirs = pty.openpty()
        self._shown = b""  # of the command that runs
        self._deadline = time.monotonic() + _WALK_S
        self.log_path = os.path.join(folder, "stderr.log")
        environment = {**os.environ, "HOME": folder, "TMPDIR": folder, "TERM": "dumb"}
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(["/bin/bash", "--norc"], cwd=folder, stdin=subprocess.PIPE, stdout=theirs,
                                             stderr=log, env=environment, start_new_session=True)
        os.close(theirs)

    def type(self, text):
        """(what the shell shows until the command has ended, its exit code)"""
        try:
            self._process.stdin.write(f"{text}\nprintf '%s %d\\n' '{_END}' $?\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Astray("the shell has ended") from None
        while not (ended := re.search(rb"^%b (\d+)\r\n" % _END.encode(), self._shown, re.MULTILINE)):
            self._read()
        shown = self._shown[:ended.start()].decode()
        self._shown = self._shown[ended.end():]
        return re.sub(r"\r+\n", "\n", shown), int(ended.group(1))

    def _read(self):
        """The end of the output is no sign that the shell has ended: servers in its background may hold the terminal."""
        wait_s = min(1, self._deadline - time.monotonic())
        if wait_s <= 0:
            raise Astray(f"not done within {_WALK_S} s; shown so far: {self._shown.decode(errors='replace')}")
        if select.select([self._output], [], [], wait_s)[0]:
            try:
                self._shown += os.read(self._output, 65536)
            except OSError as error:  # A terminal that nobody has open any more.
                raise Astray(f"the shell has closed its terminal: {error}") from None
        elif self._process.poll() is not None:
            raise Astray(f"the shell has ended with {self._process.returncode}")

    def close(self):
        """Ends the shell, but not what runs in its background."""
        self._process.kill()
        self._process.wait()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # What was typed last has not been read.
        os.close(self._output)


def adopt_orphans():
    """From now on a process whose parent has ended, and that descends from this one, becomes its child: so no server gets
    out of sight, in whatever session it is."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def running_children():
    """The children of this process that have not ended: {process id: command line}."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                command_line = file.read().replace("\0", " ")
        except OSError:
            continue  # It has ended since it was listed.
        if int(parent) == os.getpid() and state not in "ZX":
            children[int(name)] = command_line
    return children


def end_children():
    """Ends what the walk has left running, and returns the command lines. Requires that the shell has ended. Who was told to
    end gets the time to do so."""
    deadline = time.monotonic() + _END_S
    while running_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    left = []
    # Whose parent is ended becomes a child in turn.
    while children := running_children():
        left += children.values()
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)
    return left


def lay_out(folder):
    """The tree as the README's reader sees it, as far as the sections use it."""
    here = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(os.path.join(folder, "bazel-bin/server"))
    os.symlink(os.path.realpath(clusters.server_path()), os.path.join(folder, "bazel-bin/server/server"))
    os.mkdir(os.path.join(folder, "tools"))
    shutil.copy(os.path.join(here, "../../tools/local_cluster"), os.path.join(folder, "tools/local_cluster"))
    with open(os.path.join(folder, "tools/bazel"), "w", encoding="utf-8") as file:
        file.write('#!/bin/bash\n[[ "$*" == "build //server" ]]\n')
    os.chmod(os.path.join(folder, "tools/bazel"), 0o755)


def check_ports_free(readme):
    """Fails at once, with the reason, where the walk would go astray."""
    text = "".join(text for _, _, text in blocks(readme))
    for port in sorted({int(port) for port in re.findall(r"(?:port[= ]|-p )(\d+)", text)}):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError as error:
                sys.exit(f"the walk needs port {port}, which the README names, and cannot have it: {error}")


def walk(readme, shell):
    """The number of steps that did not go as the README says."""
    failures = 0
    for line, text, expected in steps(readme):
        shown, code = shell.type(text)
        print(f"README.md:{line}: {text}{shown}", end="", flush=True)
        if expected is not None and shown != expected:
            print(f"FAILED: README.md:{line}: the README says:\n{expected}", flush=True)
            failures += 1
        elif expected is None and code != 0:
            print(f"FAILED: README.md:{line}: exit code {code}", flush=True)
            failures += 1
    return failures


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md"), encoding="utf-8") as file:
        readme = file.read()
    for section in _SECTIONS:
        if f"\n{section}\n" not in readme:
            sys.exit(f"README.md has no section '{section}'")
    check_ports_free(readme)
    # As an exception: what the walk has started is ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    adopt_orphans()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        lay_out(folder)
        shell = Shell(folder)
        reasons = []
        try:
            failures = walk(readme, shell)
            if failures:
                reasons.append(f"{failures} steps went otherwise")
        except Astray as error:
            reasons.append(str(error))
        finally:
            shell.close()
            reasons += [f"left running: {command_line}" for command_line in end_children()]
        if reasons:
            with open(shell.log_path, encoding="utf-8", errors="replace") as log:
                sys.exit("\n".join([*reasons, "the errors:", log.read()]))
    print("the walk goes as the README says")


if __name__ == "__main__":
    main()
