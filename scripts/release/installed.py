"""Installs the packages for Linux into empty folders, and runs the program from there."""

import os
import subprocess
import tarfile
import tempfile
from pathlib import Path


class Failed(Exception):
    """A package does not install, or its program does not run."""


def check(folder, made, version):
    """Tries each package and yields a line about it."""
    for name in sorted(made):
        for suffix, install in ((".tar.gz", unpack), (".deb", install_deb)):
            if name.endswith(suffix):
                with tempfile.TemporaryDirectory() as empty:
                    said = run(install(folder / name, Path(empty)), "--version")
                if f"vibesync {version} (" not in said:
                    raise Failed(f"{name}: --version says {said!r}")
                yield f"{name}: {said}"


def unpack(path, empty):
    """Unpacks the tarball and returns the program."""
    with tarfile.open(path) as archive:
        archive.extractall(empty, filter="data")
    return next(empty.glob("*/vibesync"))


def install_deb(path, empty):
    """Installs the package by dpkg into a system that has nothing, and returns the program."""
    database = empty / "var" / "lib" / "dpkg"
    for name in ("info", "updates", "triggers"):
        (database / name).mkdir(parents=True)
    (database / "status").touch()
    # The C library is that of the machine; so it is missing in the empty system.
    options = [f"--root={empty}", "--force-depends", "--force-not-root", "--force-script-chrootless", "--log=/dev/null"]
    run("dpkg", *options, "--install", path)
    return empty / "usr" / "bin" / "vibesync"


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()
