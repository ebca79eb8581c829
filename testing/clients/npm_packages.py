"""Installs the client libraries that package-lock.json pins, once for each of its versions, outside the tree."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile

_INSTALL_S = 120
# What npm says when the registry is out of reach; anything else that fails is a fault, such as a version that is not there.
_OUT_OF_REACH = re.compile("code (EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ERR_SOCKET_TIMEOUT|"
                           "ETIMEDOUT)")


class Unreachable(Exception):
    """There is no way from this machine to an npm registry."""


def _cache_folder():
    """Not $HOME: Bazel's tests have another."""
    return os.path.join(pwd.getpwuid(os.getuid()).pw_dir, ".cache/damselfly-npm")


def install(source):
    """A node_modules folder with exactly what the package-lock.json in `source` pins. Raises Unreachable, or RuntimeError
    when npm fails otherwise."""
    with open(os.path.join(source, "package-lock.json"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    cache = _cache_folder()
    folder = os.path.join(cache, digest)
    if not os.path.isdir(folder):
        os.makedirs(cache, exist_ok=True)
        # Another test may do the same at this moment: each fills a folder of its own, and the first to finish names it.
        with tempfile.TemporaryDirectory(dir=cache) as work:
            filled = os.path.join(work, "filled")
            os.mkdir(filled)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(os.path.join(source, name), os.path.join(filled, name))
            _npm_install(filled, work)
            try:
                os.rename(filled, folder)
            except OSError:
                if not os.path.isdir(folder):
                    raise
    return os.path.join(folder, "node_modules")


def _npm_install(folder, work):
    command = ["npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts",
               "--fetch-timeout=20000", "--fetch-retries=1", "--fetch-retry-mintimeout=1000",
               f"--cache={os.path.join(work, 'npm-cache')}"]
    try:
        result = subprocess.run(command, cwd=folder, timeout=_INSTALL_S, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                encoding="utf-8", errors="replace",
                                env={**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}, check=False)
    except subprocess.TimeoutExpired:
        # A proxy or a firewall that lets requests vanish: npm waits for each of them.
        raise Unreachable(f"npm ci: not done within {_INSTALL_S} s") from None
    if result.returncode != 0:
        raise (Unreachable if _OUT_OF_REACH.search(result.stdout) else RuntimeError)(f"npm ci: {result.stdout}")
