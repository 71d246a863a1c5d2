# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures what the code of an add-on prints, and tells where an exception came from. Both are bounded."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from types import TracebackType

MAX_OUTPUT = 64 << 10
MAX_FRAMES = 20
_MAX_LINE = 300
_MAX_TEXT = 1_000


class Output(io.TextIOBase):
    """A stream that keeps the first MAX_OUTPUT bytes (UTF-8) of what is written to it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MAX_OUTPUT

    @property
    def text(self) -> str:
        """Returns what was kept."""
        return "".join(self._parts)

    def writable(self) -> bool:
        """Returns True."""
        return True

    def write(self, text: str) -> int:
        """Keeps what fits."""
        if self._left > 0:
            kept = text[: self._left].encode("utf-8", "replace")[: self._left]
            self._left -= len(kept)
            self._parts.append(kept.decode("utf-8", "ignore"))
        return len(text)

    @contextlib.contextmanager
    def capture(self) -> Iterator[None]:
        """Takes what Python prints in this context, errors included."""
        with contextlib.redirect_stdout(self), contextlib.redirect_stderr(self):
            yield


def shorten_home(text: str) -> str:
    """Returns a text with `~` in the place of the user's home folder."""
    home = os.path.expanduser("~")
    return text.replace(home, "~") if len(home) > 1 else text


def frames_of(trace: TracebackType | None, package: str) -> list[str]:
    """Returns the last MAX_FRAMES frames of a traceback as `file:line in function`, without those of `package`.

    Reads no sources and calls nothing of the exception.
    """
    lines = []
    while trace is not None:
        frame = trace.tb_frame
        if not str(frame.f_globals.get("__name__")).startswith(package):
            line = f"{shorten_home(frame.f_code.co_filename)}:{trace.tb_lineno} in {frame.f_code.co_name}"
            lines = [*lines[1 - MAX_FRAMES :], line[:_MAX_LINE]]
        trace = trace.tb_next
    return lines


def text_of(error: BaseException) -> str:
    """Returns the text of an exception, cut. This runs code of the exception's class."""
    return shorten_home(str(error))[:_MAX_TEXT]
