"""Types what the README's section on cluster mode says, block by block in one shell, and compares what comes back.

    ```sh        a block is typed as it stands, and has to succeed
    ```console   lines after '$ ' are typed, and the lines up to the next one must come back
    ```python    given to Python; must succeed

The ports are the README's own: nobody else may use them meanwhile. The only thing not done as typed is building the server,
which has happened when the test begins."""

import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import clusters

_SECTION = "## Cluster mode"
_WALK_S = 100
_END = "---the command has ended with"


def blocks(readme):
    """(line, language, text) of each code block of the section."""
    begin = readme.index(f"\n{_SECTION}\n")
    following = re.compile(r"^## ", re.MULTILINE).search(readme, begin + 1 + len(_SECTION))
    end = following.start() if following else len(readme)
    for match in re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL).finditer(readme, begin, end):
        yield readme.count("\n", 0, match.start()) + 2, match.group(1), match.group(2)


def steps(readme):
    """(line, what is typed, what must come back or None) of the whole section."""
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


class Shell:
    """A shell whose output is a terminal, as the README shows what a terminal shows. What goes to standard error, such as
    the servers' logs, lands in a file."""

    def __init__(self, folder):
        ours, theirs = pty.openpty()
        self.log_path = os.path.join(folder, "stderr.log")
        environment = {**os.environ, "HOME": folder, "TMPDIR": folder, "TERM": "dumb"}
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(["/bin/bash", "--norc"], cwd=folder, stdin=subprocess.PIPE, stdout=theirs,
                                             stderr=log, encoding="utf-8", env=environment, start_new_session=True)
        os.close(theirs)
        self._output = os.fdopen(ours, "r", encoding="utf-8", newline="")

    def type(self, text):
        """(what the shell shows until the command has ended, its exit code)"""
        self._process.stdin.write(f"{text}\nprintf '%s %d\\n' '{_END}' $?\n")
        self._process.stdin.flush()
        shown = ""
        while not (ended := re.search(rf"^{_END} (\d+)\r\n", shown, re.MULTILINE)):
            shown += self._output.readline()
        return re.sub(r"\r+\n", "\n", shown[:ended.start()]), int(ended.group(1))

    def end_jobs(self):
        """Ends what still runs in the background, and says how many those were."""
        count, _ = self.type("jobs -pr | wc -l; kill $(jobs -pr) 2>/dev/null; wait; true")
        return int(count)

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._output.close()

    def kill(self):
        """Ends the shell, so that what waits for it fails."""
        self._process.kill()


def lay_out(folder):
    """The tree as the README's reader sees it, as far as the section uses it."""
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
    ports = {int(port) for port in re.findall(r"port[= ](\d+)", "".join(text for _, _, text in blocks(readme)))}
    for port in sorted(ports | {6379}):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))


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
    if f"\n{_SECTION}\n" not in readme:
        sys.exit(f"README.md has no section '{_SECTION}'")
    check_ports_free(readme)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        lay_out(folder)
        shell = Shell(folder)
        timer = threading.Timer(_WALK_S, shell.kill)
        timer.start()
        failures = walk(readme, shell)
        left = shell.end_jobs()
        timer.cancel()
        shell.close()
        if failures or left:
            with open(shell.log_path, encoding="utf-8", errors="replace") as log:
                sys.exit(f"{failures} steps went otherwise, {left} servers were left running; the errors:\n{log.read()}")
    print("the walk goes as the README says")


if __name__ == "__main__":
    main()
