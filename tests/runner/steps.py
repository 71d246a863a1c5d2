"""Runs steps side by side where there is a place, each in its own containment, and prints what they say in order."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEP = ROOT / "scripts" / "step"
# Steps that run side by side on two cores: most wait for sockets and timers for half of their time.
PLACES = 3
POLL_SECONDS = 0.05
GRACE_SECONDS = 60  # beyond the limit of a step, for its end
LAST_LINES = 80
LONGEST_LINE = 2000


@dataclass(eq=False)
class Step:
    """One command of a test run: the step counts as one test."""

    name: str
    command: list
    limit: int  # seconds
    places: int = 1  # none if it only waits for the network, all if it uses the cores whole
    after: list = field(default_factory=list)  # names of the steps that must have ended, well or not
    environment: dict = field(default_factory=dict)
    output: Path | None = None
    process: subprocess.Popen | None = None
    started: float = 0.0
    seconds: float = 0.0
    code: int | None = None

    def start(self, folder, number):
        self.output = Path(folder) / f"{number}.out"
        self.started = time.monotonic()
        command = [str(STEP), "--limit", str(self.limit), *map(str, self.command)]
        # A file, not a pipe: no process that outlives its step can hold the test run up.
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def poll(self):
        """Whether the step has ended; one that does not end at its limit is killed."""
        self.code = self.process.poll()
        self.seconds = time.monotonic() - self.started
        if self.code is None and self.seconds > self.limit + GRACE_SECONDS:
            self.process.kill()
            self.code = self.process.wait()
        return self.code is not None

    def stop(self):
        """Ends the step early: `scripts/step` ends everything below it."""
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()

    @property
    def result(self):
        return "ok" if self.code == 0 else "FAILED"


class Display:
    """Prints the output of one step at a time: of the step that started first, while it runs; then of the next."""

    def __init__(self, stream):
        self.stream = stream
        self.queue = []
        self.shown = 0  # bytes of the first step in the queue

    def add(self, step):
        self.queue.append(step)
        if len(self.queue) == 1:
            self.head()

    def head(self):
        self.write(f"\n== {self.queue[0].name}\n".encode())

    def update(self):
        while self.queue:
            step = self.queue[0]
            ended = step.code is not None
            self.copy(step)
            if not ended:
                return
            self.write(f"== {step.name}: {step.result}, {step.seconds:.0f} s\n".encode())
            self.queue.pop(0)
            self.shown = 0
            if self.queue:
                self.head()

    def copy(self, step):
        with step.output.open("rb") as file:
            file.seek(self.shown)
            new = file.read()
        self.shown += len(new)
        self.write(new)

    def write(self, data):
        if data:
            self.stream.write(data)
            self.stream.flush()


def run(steps, stream=None):
    """Runs all steps, prints the end of each that failed, a table of seconds, and the totals; returns the exit code."""
    stream = stream or sys.stdout.buffer
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vibesync-test-", ignore_cleanup_errors=True) as folder:
        execute(steps, folder, Display(stream))
        for step in steps:
            if step.code:
                text = f"\n== {step.name} failed; its last lines were:\n{last_lines(step.output)}"
                stream.write(text.encode())
    passed = sum(step.code == 0 for step in steps)
    stream.write(table(steps, time.monotonic() - begin).encode())
    stream.write(f"\n{passed} passed, {len(steps) - passed} failed\n".encode())
    stream.flush()
    return 0 if passed == len(steps) else 1


def execute(steps, folder, display):
    """Starts each step as soon as it may run; returns when all have ended."""
    waiting, running, number = list(steps), [], 0
    try:
        while waiting or running:
            for step in [step for step in running if step.poll()]:
                running.remove(step)
            for step in ready(waiting, running):
                number += 1
                step.start(folder, number)
                waiting.remove(step)
                running.append(step)
                display.add(step)
            display.update()
            time.sleep(POLL_SECONDS)
        display.update()
    finally:
        for step in running:
            step.stop()


def ready(waiting, running):
    """The steps to start now. A step that waits for places is not overtaken by a later one that takes some."""
    unfinished = {step.name for step in [*waiting, *running]}
    free = PLACES - sum(step.places for step in running)
    chosen = []
    for step in waiting:
        if unfinished.intersection(step.after):
            continue
        if step.places <= free or step.places == 0:
            chosen.append(step)
            free -= step.places
        else:
            free = 0
    return chosen


def last_lines(path):
    lines = path.read_text("utf-8", errors="replace").splitlines()[-LAST_LINES:]
    return "".join(f"{line[:LONGEST_LINE]}\n" for line in lines)


def table(steps, total):
    """Seconds and result of each step; steps overlap, so that the sum is more than the total."""
    rows = [f"{step.seconds:7.0f}  {step.result:6}  {step.name}" for step in steps]
    return "\n".join(["", "seconds  result  step", *rows, f"{total:7.0f}          in all", ""])
