"""A section that a program of its own measures: whatever becomes of it, the other sections are measured."""

import contextlib
import json
import os
import signal
import subprocess
import threading

from rows import BROKEN_OFF


def rows(command, longest):
    """The rows that it prints. It is ended, with all that it started, where it takes longer than so many seconds."""
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
