"""Runs a section in a program of its own, so that its failure does not stop the other sections."""

import contextlib
import json
import os
import signal
import subprocess
import threading

from rows import BROKEN_OFF


def rows(command, longest):
    """Yields the rows that the program prints; kills its process group after `longest` seconds."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        clock = threading.Timer(longest, end, [process])
        clock.start()
        said = False
        try:
            for printed in process.stdout:
                measured = json.loads(printed)
                said = said or measured["name"] == BROKEN_OFF
                yield measured
            process.wait()
        finally:
            clock.cancel()
            if process.poll() is None:
                end(process)
    if process.returncode and not said:
        raise RuntimeError(f"the program ended with {process.returncode}")


def end(process):
    """Ends a program and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
