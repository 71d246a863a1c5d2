# SPDX-License-Identifier: GPL-3.0-or-later
"""Results and answers of calls: the forms of docs/capabilities.md and docs/protocol.md."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from .deadline import interruptible

MAX_RESULT = 256 << 10
MAX_MESSAGE = 2_000
_STATUS = ("success", "error", "warning")
_ERROR_CODE = re.compile(r"[A-Z0-9_]{1,64}", re.ASCII)


class Unusable(Exception):
    """A handler returned something that is no result."""


@dataclass
class Outcome:
    """The end of a call: the result for the agent, and the code if it failed."""

    result: dict
    code: str | None = None
    operation_id: str | None = None
    taken_back: bool = False
    not_synced: list[str] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        """Returns whether nothing that the handler did may stay."""
        return self.code is not None


def failure(code: str, error_code: str, message: str, data: object = None) -> Outcome:
    """Returns the outcome of a call that failed."""
    result = {"status": "error", "message": message[:MAX_MESSAGE], "data": data or {}, "error_code": error_code}
    return Outcome(result, code)


@interruptible
def encode_result(value: object) -> str:
    """Returns what a handler returned as JSON. Raises Unusable. This may run code of the add-on."""
    parts, size = [], 0
    try:
        for part in json.JSONEncoder(allow_nan=False, ensure_ascii=False).iterencode(value):
            size += len(part)
            if size > MAX_RESULT:
                raise Unusable(f"the result has more than {MAX_RESULT >> 10} KiB")
            parts.append(part)
        text = "".join(parts)
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError) as error:
        raise Unusable(f"the result is not JSON: {type(error).__name__}") from None
    if size > MAX_RESULT:
        raise Unusable(f"the result has more than {MAX_RESULT >> 10} KiB")
    return text


def read_result(text: str) -> Outcome:
    """Returns the outcome of an encoded result. Raises Unusable."""
    value = json.loads(text)
    if not isinstance(value, dict):
        return Outcome({"status": "success", "message": "", "data": value})
    if value.get("status") not in _STATUS:
        raise Unusable("status is not success, error or warning")
    message, error_code = value.get("message", ""), value.get("error_code")
    if not isinstance(message, str) or len(message) > MAX_MESSAGE:
        raise Unusable(f"message is not a text of at most {MAX_MESSAGE} characters")
    if error_code is not None and not (isinstance(error_code, str) and _ERROR_CODE.fullmatch(error_code)):
        raise Unusable("error_code is not a word of capitals, digits and _")
    value = {key: each for key, each in value.items() if key != "error_code" or each is not None}
    result = {**value, "message": message, "data": value.get("data", {})}
    return Outcome(result, "VS-9106" if value["status"] == "error" else None)


def response(request: dict, outcome: Outcome, output: str, elapsed_ms: int) -> dict:
    """Returns the message `command_response`. `request` holds `request_id`, `addon_id` and `command`."""
    return {
        "type": "command_response",
        **request,
        "result": outcome.result,
        "code": outcome.code,
        "operation_id": outcome.operation_id,
        "output": output,
        "elapsed_ms": elapsed_ms,
        "taken_back": outcome.taken_back,
        "not_synced": outcome.not_synced,
    }


def progress(request_id: str, state: str, message: str, elapsed_ms: int) -> dict:
    """Returns the message `command_progress`."""
    known = {"request_id": request_id, "state": state, "message": message}
    return {"type": "command_progress", **known, "elapsed_ms": elapsed_ms}
