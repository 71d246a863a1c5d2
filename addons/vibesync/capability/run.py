# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one call at a time: waits until the editor is able, runs the handler, captures what it changed, answers.

The states of a call: waiting -> running -> (deferred) -> sent (its intent waits for the daemon) -> answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..core.sync_error import SyncError
from .answers import Outcome, Unusable, encode_result, failure, progress, read_result, response
from .command import Command, Tool
from .deadline import DeadlinePassed, call_until, interruptible
from .output import Output, frames_of, text_of

POLL_SECONDS = 0.1
PROGRESS_SECONDS = 1.0
DEFERRED_SECONDS = 1_800.0
_CLEANUP_SECONDS = 0.5
NO_TABLE = "AI_COMMAND_HANDLERS"  # location of a SyncError VS-9109: the add-on has no handlers at all
_PACKAGE = __name__.rpartition(".")[0].rpartition(".")[0]


class Stage(Protocol):
    """The scene that handlers work on."""

    def obstacle(self, now: float) -> str | None:
        """Returns why no handler can run now; None if one can."""

    def can_undo(self) -> bool:
        """Returns whether changes can be taken back."""

    def run(self, label: str, work: Callable[[], object]) -> object:
        """Begins an undo step, and runs code that may change the scene."""

    def capture(self) -> bool:
        """Reads all changes of the code that ran; returns whether there are any. Raises SyncError VS-9110."""

    def commit(self, label: str, request_id: str) -> str | None:
        """Ends the undo step and sends the captured changes; returns the operation, None without changes."""

    def take_back(self) -> bool:
        """Undoes what ran last, sent or not; returns whether that was possible. Later changes prevent it."""

    def not_synced(self) -> list[str]:
        """Returns what the code made that is not synchronized."""


@dataclass
class Call:
    """A call that is under way."""

    command: Command
    tool: Tool
    find: Callable[[], tuple[Callable, dict]]  # the handler and its arguments at this moment; raises SyncError
    connection_id: int
    arrived: float
    state: str = "waiting"
    output: Output = field(default_factory=Output)
    began: float | None = None
    deferred: object = None
    next_poll: float = 0.0
    next_progress: float = 0.0
    outcome: Outcome | None = None


@interruptible
def _run(handler: Callable, arguments: dict) -> tuple[object, str | None]:
    """Returns what the handler returned: a deferred object, or None and the result as JSON."""
    value = handler(**arguments)
    if not isinstance(value, (dict, list, str, int, float, bool, type(None))):
        check = getattr(value, "check_is_finished", None)
        if callable(check):
            return value, None
    return None, encode_result(value)


@interruptible
def _poll(deferred: object) -> tuple[object, str | None]:
    """Returns the deferred object while it is not finished, else None and the result as JSON."""
    value = deferred.check_is_finished()
    if value is None or value is False:
        return deferred, None
    return None, encode_result({"status": "success"} if value is True else value)


@interruptible
def _cancel(deferred: object) -> None:
    cancel = getattr(deferred, "cancel", None)
    if callable(cancel):
        cancel()


@interruptible
def _text(error: BaseException) -> str:
    return text_of(error)


class Runner:
    """The call under way. `send` sends a message to the daemon of the present connection, which has a number."""

    def __init__(self, stage: Stage, send: Callable[[dict], None], connection: Callable[[], int]) -> None:
        self.is_running = False  # code of an add-on runs: no tick may begin inside it
        self._stage = stage
        self._send = send
        self._connection = connection
        self._call: Call | None = None
        self._last_id: str | None = None  # the call whose changes `take_back` would undo

    @property
    def is_idle(self) -> bool:
        """Returns whether no call is under way."""
        return self._call is None

    @property
    def is_due(self) -> bool:
        """Returns whether the call begins in the next tick, unless something prevents that by then."""
        return self._call is not None and self._call.state == "running"

    def reset(self) -> None:
        """Forgets the call, because another file was opened."""
        self._call = self._last_id = None

    def refuse(self, command: Command, outcome: Outcome) -> None:
        """Answers a call that does not begin."""
        self._send(response(command.request, outcome, "", 0))

    def add(self, command: Command, tool: Tool, find: Callable[[], tuple[Callable, dict]], now: float) -> None:
        """Accepts a call, unless another one is under way."""
        if self._call is not None:
            self.refuse(command, failure("VS-9206", "ROUTING_FAILED", "another call is under way in this editor"))
            return
        if not tool.is_read_only and not self._stage.can_undo():
            message = "Blender's undo is off, so only tools that read can run"
            self.refuse(command, failure("VS-9206", "ROUTING_FAILED", message))
            return
        self._call = Call(command, tool, find, self._connection(), now)

    def cancel(self, request_id: str, now: float) -> None:
        """Ends a call that waits or is deferred, if it is this one. Running code cannot be reached."""
        call = self._call
        if call is None or call.command.request_id != request_id or call.state not in ("waiting", "deferred"):
            return
        if call.deferred is not None:
            self._enter(call, lambda: call_until(_cancel, {"deferred": call.deferred}, _CLEANUP_SECONDS))
        if self._call is call:
            self._answer(call, failure("VS-9106", "EXECUTION_FAILED", "canceled"), now)

    def work(self, now: float) -> None:
        """Goes on with the call, if anything is due."""
        call = self._call
        if call is None or call.state == "sent":
            return
        if call.connection_id != self._connection():
            self._call = None  # the daemon that asked has ended the call
        elif call.state == "deferred":
            self._work_deferred(call, now)
        elif reason := self._stage.obstacle(now):
            self._wait(call, reason, now)
        elif call.state == "waiting":
            call.state = "running"
            self._progress(call, "running", "", now, at_once=True)  # goes out before the code holds everything up
        else:
            self._begin(call, now)

    def take_refusal(self, operation_id: str, error: dict, now: float) -> bool:
        """Takes back the changes of the call, because the daemon refused them; returns whether it was this call."""
        call = self._call
        if call is None or call.state != "sent" or call.outcome.operation_id != operation_id:
            return False
        message = f"the changes were refused: {error.get('message')}"
        outcome = failure(str(error.get("code")), "EXECUTION_FAILED", message)
        outcome.taken_back, outcome.operation_id = self._stage.take_back(), operation_id
        self._answer(call, outcome, now)
        return True

    def confirm(self, operation_id: str, now: float) -> None:
        """Answers the call, because the daemon accepted its changes."""
        call = self._call
        if call and call.state == "sent" and call.outcome.operation_id == operation_id:
            self._answer(call, call.outcome, now)

    def end(self, request_id: str, keep: bool) -> None:
        """Handles the end of a call: takes back what it did unless the daemon keeps it."""
        if self._last_id == request_id and not keep and self._call is None:
            self._stage.take_back()
        if self._last_id == request_id:
            self._last_id = None

    def _wait(self, call: Call, reason: str, now: float) -> None:
        call.state = "waiting"
        if now - call.arrived > call.command.deadline_seconds:
            self._answer(call, failure("VS-9206", "ROUTING_FAILED", f"Blender was not able in time: {reason}"), now)
        else:
            self._progress(call, "waiting", reason, now)

    def _work_deferred(self, call: Call, now: float) -> None:
        if now - call.began > DEFERRED_SECONDS:
            self._enter(call, lambda: call_until(_cancel, {"deferred": call.deferred}, _CLEANUP_SECONDS))
            if self._call is call:
                message = f"not finished after {DEFERRED_SECONDS:.0f} s"
                self._answer(call, failure("VS-9107", "DEFERRED_TIMEOUT", message), now)
            return
        self._progress(call, "deferred", "", now)
        if now >= call.next_poll and not self._stage.obstacle(now):
            call.next_poll = now + POLL_SECONDS
            self._bracket(call, _poll, {"deferred": call.deferred})

    def _begin(self, call: Call, now: float) -> None:
        call.began = now
        try:
            handler, arguments = call.find()
        except SyncError as error:
            message = error.message + (f" (at {error.location})" if error.location else "")
            self._answer(call, failure(error.code, _error_code(error), message), now)
            return
        self._bracket(call, _run, {"handler": handler, "arguments": arguments})

    def _bracket(self, call: Call, function: Callable, arguments: dict) -> None:
        """Runs code of the add-on, and keeps or takes back what it changed."""
        seconds = call.command.deadline_seconds
        label = call.command.label
        deferred, outcome = self._enter(
            call, lambda: self._stage.run(label, lambda: self._outcome(function, arguments, seconds))
        )
        now = time.monotonic()
        if self._call is not call:
            return  # the code opened another file, which ends the call
        if outcome is None or not outcome.is_failed:
            try:
                self._settle(call, deferred, outcome, now)
                return
            except SyncError as error:
                outcome = failure(error.code, "EXECUTION_FAILED", error.message)
        outcome.taken_back = self._stage.take_back()
        self._answer(call, outcome, now)

    def _settle(self, call: Call, deferred: object, outcome: Outcome | None, now: float) -> None:
        """Sends what the code changed, or goes on to wait. Raises SyncError if it may not have changed anything."""
        has_changes = self._stage.capture()
        if has_changes and call.tool.is_read_only:
            raise SyncError("VS-9110", "the tool is marked read_only, and changed the scene")
        if outcome is None:
            if has_changes:
                raise SyncError("VS-9110", "a deferred call may change the scene in its last step alone")
            call.deferred, call.state = deferred, "deferred"
            call.next_poll = now + POLL_SECONDS
            self._progress(call, "deferred", "", now, at_once=True)
            return
        outcome.not_synced = self._stage.not_synced()
        outcome.operation_id = self._stage.commit(call.command.label, call.command.request_id)
        if outcome.operation_id is None:
            self._answer(call, outcome, now)
        else:
            call.state, call.outcome = "sent", outcome

    def _enter(self, call: Call, work: Callable[[], object]) -> object:
        self.is_running = True
        try:
            with call.output.capture():
                return work()
        finally:
            self.is_running = False

    def _outcome(self, function: Callable, arguments: dict, seconds: float) -> tuple[object, Outcome | None]:
        """Runs code of the add-on until the deadline. No exception leaves this function."""
        try:
            deferred, text = call_until(function, arguments, seconds)
            return deferred, None if text is None else read_result(text)
        except Unusable as error:
            return None, failure("VS-9108", "UNSERIALIZABLE_RESULT", str(error))
        except DeadlinePassed as error:
            trace = frames_of(error.__traceback__, _PACKAGE)
            message = f"not finished after {seconds:g} s"
            return None, failure("VS-9107", "EXECUTION_FAILED", message, {"traceback": trace})
        except BaseException as error:  # SystemExit, KeyboardInterrupt and MemoryError too: the editor goes on
            trace = frames_of(error.__traceback__, _PACKAGE)
            message = f"{type(error).__name__}: {_safe_text(error)}"
            return None, failure("VS-9106", "EXECUTION_FAILED", message, {"traceback": trace})

    def _answer(self, call: Call, outcome: Outcome, now: float) -> None:
        self._call = None
        self._last_id = call.command.request_id if outcome.operation_id and not outcome.taken_back else None
        if call.connection_id == self._connection():
            elapsed = 0 if call.began is None else int((now - call.began) * 1000)
            self._send(response(call.command.request, outcome, call.output.text, max(elapsed, 0)))

    def _progress(self, call: Call, state: str, message: str, now: float, at_once: bool = False) -> None:
        if at_once or now >= call.next_progress:
            call.next_progress = now + PROGRESS_SECONDS
            elapsed = int((now - call.arrived) * 1000)
            self._send(progress(call.command.request_id, state, message, max(elapsed, 0)))


def _safe_text(error: BaseException) -> str:
    """Returns the text of an exception, whatever its class does meanwhile."""
    try:
        return str(call_until(_text, {"error": error}, _CLEANUP_SECONDS))
    except BaseException as other:
        return f"(its text cannot be read: {type(other).__name__})"


def _error_code(error: SyncError) -> str:
    if error.code == "VS-9109":
        return "NO_HANDLERS" if error.location == NO_TABLE else "COMMAND_NOT_FOUND"
    return "INVALID_PARAMETERS" if error.code == "VS-9103" else "ROUTING_FAILED"
