"""Installs the zip for Windows under Wine as a person would, uses the program, and removes it again.

usage: tests/windows/enter python3 scripts/release/wine.py ZIP VERSION

The folders have spaces, brackets and letters beyond ASCII, as those of people have.
"""

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ENTER = Path(__file__).resolve().parents[2] / "tests" / "windows" / "enter"
USER = Path("/tmp/Zoë Müller")
UNPACKED = USER / "Downloads" / "VibeSync (1)"
LOCAL = USER / "AppData" / "Local"
ROAMING = USER / "AppData" / "Roaming"
INSTALLED = LOCAL / "Programs" / "VibeSync"
RUN_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
PATIENCE = 60  # seconds for what happens in another process
SHORT = 180  # seconds for one command


class Failed(Exception):
    """The package does not do what it promises."""


def windows(path):
    """Returns the name that a program under Wine has for a path."""
    return "Z:" + str(path).replace("/", "\\")


def command(*words):
    """Returns the command that runs a program of Windows with the folders of the person."""
    folders = {"LOCALAPPDATA": LOCAL, "APPDATA": ROAMING, "USERPROFILE": USER}
    # Wine sets these variables itself. It puts quotes around words with spaces, so `&&` stays an operator.
    settings = [word for name, path in folders.items() for word in ("set", f"{name}={windows(path)}", "&&")]
    # `call` gives the exit code of a script to its caller.
    return [ENTER, "--inside", "wine", "cmd", "/c", *settings, "call", *map(str, words)]


def run(*words, code=0, says=""):
    """Runs a program to its end and checks its exit code and a part of its output."""
    # A file, because a service that is started goes on and would hold a pipe open.
    with tempfile.TemporaryFile() as said:
        streams = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": subprocess.STDOUT}
        done = subprocess.run(command(*words), timeout=SHORT, check=False, **streams)
        said.seek(0)
        output = said.read().decode("utf-8", errors="replace")
    if done.returncode != code or says not in output:
        raise Failed(f"{' '.join(map(str, words))}: exit code {done.returncode}, said:\n{output}")
    return output


def wait_until(is_true, subject):
    """Waits for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not is_true():
        if time.monotonic() > end:
            raise Failed(f"waited {PATIENCE} s for {subject}")
        time.sleep(0.2)


def unpack(archive):
    for folder in (UNPACKED, LOCAL, ROAMING):
        folder.mkdir(parents=True)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(UNPACKED)
        return packed.namelist()


def project(name):
    folder = USER / "Documents" / name
    folder.mkdir(parents=True)
    return folder


def try_program_where_it_was_unpacked(version):
    """Serves a project without an installation."""
    program, folder = windows(UNPACKED / "vibesync.exe"), project("Szene Straße")
    yield run(program, "--version", says=f"vibesync {version}").strip()
    daemon = subprocess.Popen(
        command(program, "--project", windows(folder), "run"), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: (folder / ".vibesync" / "wal").exists(), "the daemon")
        asked = ("--project", windows(folder), "status")
        wait_until(lambda: subprocess.run(command(program, *asked), capture_output=True).returncode == 0, "the status")
        yield run(program, *asked).splitlines()[0]
        run(program, "--project", windows(folder), "stop")
        if daemon.wait(PATIENCE) != 0:
            raise Failed(f"the daemon ended with {daemon.returncode}")
        yield "run, status, stop: the daemon ended cleanly"
    finally:
        daemon.kill()


def try_installation(names, version):
    """Installs, adds a project, installs again over it, and removes the program."""
    install = windows(UNPACKED / "install.cmd")
    program = windows(INSTALLED / "vibesync.exe")
    run(install, "/quiet", says="Done:")
    missing = [name for name in names if name != "install.cmd" and not (INSTALLED / name).is_file()]
    if missing:
        raise Failed(f"not installed: {missing}")
    run("reg", "query", RUN_KEY, says="vibesync-service.exe")
    run(program, "--version", says=f"vibesync {version}")
    yield "install.cmd: the program, the Run key"
    folder = project("Meine Szene (1) & mehr")
    run(windows(INSTALLED / "add-project.cmd"), "/quiet", windows(folder), says="Added:")
    run(windows(INSTALLED / "add-project.cmd"), "/quiet", windows(folder / "nothing"), code=1, says="is not a folder")
    run(program, "projects", "list", says=folder.name)
    yield "add-project.cmd: the project is listed"
    wait_until(lambda: "asleep" in run(program, "projects", "list"), "the service")
    yield "the service runs, and the project is asleep"
    run(install, "/quiet", says="An earlier version is installed")
    wait_until(lambda: "asleep" in run(program, "projects", "list"), "the service after the update")
    yield "install.cmd again: updated while it ran"
    run(windows(INSTALLED / "uninstall.cmd"), "/quiet", says="VibeSync is removed")
    wait_until(lambda: not INSTALLED.exists(), "the folder of the program to be gone")
    run("reg", "query", RUN_KEY, "/v", "VibeSync", code=1)
    if not (folder / ".vibesync" / "project.json").is_file():
        raise Failed("the project is gone too")
    yield "uninstall.cmd: nothing is left but the project"


def try_scripts_without_the_program():
    """A script that Explorer started inside of the zip says what to do."""
    run(windows(UNPACKED / "add-project.cmd"), "/quiet", windows(USER), code=1, says="not installed yet")
    run(windows(UNPACKED / "uninstall.cmd"), "/quiet", says="is not installed")
    os.rename(UNPACKED / "vibesync.exe", UNPACKED / "elsewhere.exe")
    run(windows(UNPACKED / "install.cmd"), "/quiet", code=1, says="Extract All")
    yield "the scripts say what is missing"


def main():
    archive, version = sys.argv[1:]
    names = unpack(archive)
    try:
        for line in try_program_where_it_was_unpacked(version):
            print(line, flush=True)
        for line in try_installation(names, version):
            print(line, flush=True)
        for line in try_scripts_without_the_program():
            print(line, flush=True)
    except (Failed, subprocess.TimeoutExpired) as error:
        sys.exit(f"scripts/release/wine.py: {error}")


if __name__ == "__main__":
    main()
