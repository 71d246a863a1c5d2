# SPDX-License-Identifier: GPL-3.0-or-later
"""Long work in short slices: a job is a generator that may stop at each `yield`, and a slice says for how long."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Steps = Generator[None, None, Result]

_ROWS = 65_536


class Slice:
    """The time that one tick may take; work that is not over when it is stops, and goes on in the next."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self.number = 0  # of this slice; another number means that time has passed and references are stale
        self.begin(seconds)

    def begin(self, seconds: float) -> None:
        """From now on there are so many seconds."""
        self.number += 1
        self._began = time.perf_counter()
        self._end = self._began + seconds

    def go_on(self, seconds: float, at_least: float) -> None:
        """Let it last so long since it began, or at least so long from now."""
        self._end = self._began + seconds
        self.at_least(at_least)

    def at_least(self, seconds: float) -> None:
        """Leave so much time, whatever was used up: on a busy machine, too, each slice gets on with its work."""
        self._end = max(self._end, time.perf_counter() + seconds)

    @property
    def over(self) -> bool:
        """Whether the time is used up."""
        return time.perf_counter() >= self._end


class Job(Generic[Result]):
    """Work under way; its steps must look their datablocks up anew after each `yield`, as a slice may end there."""

    def __init__(self, steps: Generator[None, None, Result]) -> None:
        self._steps = steps
        self.result: Result | None = None
        self.done = False

    def run(self, slice_: Slice) -> bool:
        """Do at least one step, more while the slice lasts. True once it is done and `result` is there; also after an
        exception, which comes through."""
        while not self.done:
            try:
                next(self._steps)
            except StopIteration as end:
                self.result, self.done = end.value, True
            except BaseException:
                self.done = True
                raise
            if slice_.over:
                break
        return self.done


def finish(steps: Generator[None, None, Result]) -> Result:
    """All of a job at once."""
    job: Job[Any] = Job(steps)
    job.run(Slice())
    return job.result


def parts(count: int, rows: int = _ROWS) -> Iterator[slice]:
    """Ranges of so many rows that cover `count`: what numpy does to one of them takes about a millisecond."""
    return (slice(start, min(start + rows, count)) for start in range(0, count, rows))
