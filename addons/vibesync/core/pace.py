# SPDX-License-Identifier: GPL-3.0-or-later
"""Splits long work into short slices: a job is a generator that may pause at each `yield`; a slice is its time."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Steps = Generator[None, None, Result]

_ROWS = 65_536


class Slice:
    """The time budget of one tick. Work that is unfinished at its end continues in the next tick."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self.number = 0  # number of this slice, for those that look datablocks up once a slice
        self.begin(seconds)

    def begin(self, seconds: float) -> None:
        """Starts a new slice of so many seconds."""
        self.number += 1
        self._began = time.perf_counter()
        self._end = self._began + seconds

    def go_on(self, seconds: float, at_least: float) -> None:
        """Extends the slice to `seconds` since it began, or to `at_least` seconds from now, whichever is later."""
        self._end = self._began + seconds
        self.at_least(at_least)

    def at_least(self, seconds: float) -> None:
        """Guarantees so many seconds from now, so that each slice makes progress on a busy machine too."""
        self._end = max(self._end, time.perf_counter() + seconds)

    @property
    def is_over(self) -> bool:
        """Returns whether the time is used up."""
        return time.perf_counter() >= self._end


class Job(Generic[Result]):
    """Work in progress. Its steps must look up datablocks again after each `yield`, because a slice may end there."""

    def __init__(self, steps: Generator[None, None, Result]) -> None:
        self._steps = steps
        self.result: Result | None = None
        self.is_done = False

    def run(self, slice_: Slice) -> bool:
        """Runs at least one step, and more while the slice lasts.

        Returns True once the job is done and `result` is set. An exception also ends the job, and is raised.
        """
        while not self.is_done:
            try:
                next(self._steps)
            except StopIteration as end:
                self.result, self.is_done = end.value, True
            except BaseException:
                self.is_done = True
                raise
            if slice_.is_over:
                break
        return self.is_done


def finish(steps: Generator[None, None, Result]) -> Result:
    """Runs all steps of a job at once."""
    job: Job[Any] = Job(steps)
    job.run(Slice())
    return job.result


def parts(count: int, rows: int = _ROWS) -> Iterator[slice]:
    """Yields ranges of `rows` rows that cover `count`. A numpy operation on one range takes about a millisecond."""
    return (slice(start, min(start + rows, count)) for start in range(0, count, rows))
