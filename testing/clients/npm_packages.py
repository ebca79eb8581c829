"""Installs the client libraries of package.json, once for each of its versions, outside the tree."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile

_INSTALL_S = 120


def _cache_folder():
    """Not $HOME: Bazel's tests have another."""
    return os.path.join(pwd.getpwuid(os.getuid()).pw_dir, ".cache/damselfly-npm")


def install(package_json):
    """The node_modules folder with exactly the packages that the file names. Raises RuntimeError where npm gives none."""
    with open(package_json, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    cache = _cache_folder()
    folder = os.path.join(cache, digest)
    if not os.path.isdir(folder):
        os.makedirs(cache, exist_ok=True)
        # Another test may do the same at this moment: each fills a folder of its own, and the first to finish gives it the name.
        with tempfile.TemporaryDirectory(dir=cache) as work:
            filled = os.path.join(work, "filled")
            os.mkdir(filled)
            shutil.copyfile(package_json, os.path.join(filled, "package.json"))
            _npm_install(filled, work)
            try:
                os.rename(filled, folder)
            except OSError:
                if not os.path.isdir(folder):
                    raise
    return os.path.join(folder, "node_modules")


def _npm_install(folder, work):
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts",
               f"--cache={os.path.join(work, 'npm-cache')}"]
    try:
        result = subprocess.run(command, cwd=folder, timeout=_INSTALL_S, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                encoding="utf-8", errors="replace", env={**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir},
                                check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"npm install: {error}") from error
    if result.returncode != 0:
        raise RuntimeError(f"npm install: {result.stdout}")
