"""Runs a command and ends every process that the command started, when the command ends or reaches its time limit.

The command leads a session of its own. On Linux this process also adopts orphans (it is a "child subreaper"), so that
descendants are found whatever session, process group or parent they have by then. Elsewhere only the process group
ends.
"""

import contextlib
import ctypes
import functools
import os
import shutil
import signal
import subprocess
import sys
import time

LIMIT_REACHED = 124  # exit code, as that of `timeout`
GRACE_SECONDS = 5  # between the interrupt, which shows where pytest was, and the kill
END_SECONDS = 30  # longest time for the kernel to end what was killed
POLL_SECONDS = 0.02

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
IS_LINUX = sys.platform == "linux"
prctl = ctypes.CDLL(None).prctl if IS_LINUX else None


def die_with_parent(signal_number=signal.SIGKILL):
    """Makes the kernel send this process a signal when its parent ends."""
    if IS_LINUX:
        prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


@functools.cache
def prefix():
    """Returns the words before a command that make it die with its parent.

    In a process with threads this is safe, and `preexec_fn` of Popen is not.
    """
    setpriv = ["setpriv", "--pdeathsig", "KILL", "--"]
    if not shutil.which("setpriv"):
        return []
    probe = subprocess.run([*setpriv, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return setpriv if probe.returncode == 0 else []


def run(command, limit, **options):
    """Runs a command for at most `limit` seconds; returns its exit code and what it left running.

    The output should go to a file: a pipe stays open for as long as any descendant holds it.
    """
    if IS_LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    options = {"stdin": subprocess.DEVNULL, "start_new_session": True, "preexec_fn": die_with_parent, **options}
    process = subprocess.Popen(command, **options)
    left = []
    try:
        return wait(process, limit), left
    finally:
        left += end_descendants(process)


def wait(process, limit):
    """Waits for the end of the command; interrupts it when the time is up."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    return LIMIT_REACHED


def end_descendants(process):
    """Kills what is left of the command, collects the dead, and returns one line for each process that was left."""
    if not IS_LINUX:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return []
    lines = {}
    deadline = time.monotonic() + END_SECONDS
    # More than once: a process may start another one while this looks.
    while (pids := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in pids:
            lines.setdefault(pid, command_line(pid))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.poll()
        collect_orphans(process.pid)
        time.sleep(POLL_SECONDS)
    process.poll()
    collect_orphans(process.pid)
    return [f"{pid} {line}" for pid, line in lines.items()]


def collect_orphans(own_child):
    """Collects the exit codes of adopted processes, but not of the command: that belongs to its Popen object."""
    for pid in children_of().get(os.getpid(), []):
        if pid != own_child:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def descendants(pid):
    """The living processes below a process, those without a child first."""
    children = children_of()
    found, level = [], [pid]
    while level:
        level = [child for parent in level for child in children.get(parent, [])]
        found += level
    return [pid for pid in reversed(found) if state_of(pid) not in ("Z", "X", None)]


def children_of():
    """Every process id of this machine below that of its parent."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdecimal() and (fields := stat_of(name)):
            children.setdefault(int(fields[1]), []).append(int(name))
    return children


def state_of(pid):
    fields = stat_of(pid)
    return fields[0] if fields else None


def stat_of(pid):
    """The fields of a process after its name: state, parent, ...; None if the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2].split()
    except OSError:
        return None


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", " ").strip()[:200]
    except OSError:
        return ""
