# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the Python code of an add-on at a deadline, without a thread: threads beside operators crash Blender.

A timer signal interrupts the code; on systems without one a trace function looks at the clock. Both raise
DeadlinePassed only in frames of the add-on, never in the addon's own code, so nothing is raised after the call. Code
in C ends first. docs/blender.md has the measurements.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from types import CodeType, FrameType

_AGAIN_SECONDS = 0.1  # code that swallows the exception gets it again
_EVENTS = 64  # of the trace function between two looks at the clock
_PACKAGE = __name__.rpartition(".")[0].rpartition(".")[0]
_interruptible: set[CodeType] = set()
_is_armed = False


class DeadlinePassed(BaseException):
    """The time of a call is over. Not an Exception, so that ordinary handling of errors does not swallow it."""


def interruptible(function: Callable) -> Callable:
    """Marks a function of the addon that calls code of add-ons: that code may be interrupted below it."""
    _interruptible.add(function.__code__)
    return function


def has_timer_signal() -> bool:
    """Returns whether the timer signal exists and nobody else uses it."""
    if not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0):
        return False
    return signal.getsignal(signal.SIGALRM) in (signal.SIG_DFL, signal.SIG_IGN, None, _on_alarm)


def call_until(function: Callable, arguments: dict, seconds: float, use_signal: bool | None = None) -> object:
    """Calls a function, and raises DeadlinePassed in it when the seconds are over; returns its result.

    `use_signal` chooses the way: None for the best one. Call from the main thread. Not reentrant.
    """
    if has_timer_signal() if use_signal is None else use_signal:
        return _call_with_signal(function, arguments, seconds)
    return _call_with_trace(function, arguments, seconds)


def _enter(function: Callable, arguments: dict) -> object:
    return function(**arguments)


def _frame_to_end(frame: FrameType | None) -> FrameType | None:
    """Returns the innermost frame of the add-on that called no code of ours; None if `_enter` is not on the stack.

    Blender calls our handlers from inside an add-on's operators. They end what they began.
    """
    found = None
    while frame is not None:
        if frame.f_code is _enter.__code__:
            return found
        if not _is_own(frame):
            found = found or frame
        elif frame.f_code not in _interruptible:
            found = None
        frame = frame.f_back
    return None


def _is_own(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__")
    return type(name) is str and f"{name}.".startswith(f"{_PACKAGE}.")


def _on_alarm(_signal: int, frame: FrameType | None) -> None:
    found = _frame_to_end(frame) if _is_armed else None
    if found is frame and found is not None:
        raise DeadlinePassed
    if found is not None:  # our own code runs above it: raised as soon as that returns
        found.f_trace, found.f_trace_opcodes = _end_frame, True
        sys.settrace(_trace_nothing)


def _end_frame(_frame: FrameType, _event: str, _argument: object) -> Callable | None:
    if _is_armed:
        raise DeadlinePassed


def _trace_nothing(_frame: FrameType, _event: str, _argument: object) -> None:
    return None


def _call_with_signal(function: Callable, arguments: dict, seconds: float) -> object:
    # The handler stays installed and does nothing then: a signal on its way would end the process without it.
    global _is_armed
    signal.signal(signal.SIGALRM, _on_alarm)
    previous = sys.gettrace()
    _is_armed = True
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _AGAIN_SECONDS)
    try:
        return _enter(function, arguments)
    finally:
        _is_armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.settrace(previous)


def _call_with_trace(function: Callable, arguments: dict, seconds: float) -> object:
    end = time.monotonic() + seconds
    events = 0

    def trace_opcodes(frame: FrameType, _event: str, _argument: object) -> Callable:
        nonlocal events
        events += 1
        if events >= _EVENTS and time.monotonic() >= end:
            if _frame_to_end(frame) is frame:
                raise DeadlinePassed
        elif events >= _EVENTS:
            events = 0
        return trace_opcodes

    def trace_call(frame: FrameType, _event: str, _argument: object) -> Callable | None:
        if _is_own(frame):
            return None
        frame.f_trace_opcodes = True  # a loop of one line may have no line events
        frame.f_trace_lines = False
        return trace_opcodes

    previous = sys.gettrace()
    sys.settrace(trace_call)
    try:
        return _enter(function, arguments)
    finally:
        sys.settrace(previous)
