# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the message `addon_command`, and the tool that it names from the add-on's manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..core.check import is_uuid
from ..core.sync_error import SyncError

MAX_LABEL = 200
_MAX_DEADLINE_MS = 600_000


@dataclass(frozen=True)
class Command:
    """A call of a tool. `resolved` has the uuids of parameters that name objects."""

    request_id: str
    addon_id: str
    command: str
    params: dict
    label: str
    deadline_seconds: float
    manifest_sha256: str
    code_sha256: str
    resolved: dict
    folders: tuple[str, ...] = ()

    @property
    def request(self) -> dict:
        """Returns the fields that an answer repeats."""
        return {"request_id": self.request_id, "addon_id": self.addon_id, "command": self.command}


@dataclass(frozen=True)
class Tool:
    """A tool of a manifest."""

    parameters: list
    is_read_only: bool


def read_command(header: dict) -> Command:
    """Returns the call in a message. Raises SyncError VS-1006."""
    texts = [_field(header, key, str) for key in ("addon_id", "command", "manifest_sha256", "code_sha256")]
    request_id, deadline = header.get("request_id"), header.get("deadline_ms")
    if not is_uuid(request_id):
        raise SyncError("VS-1006", "request_id is not a uuid", "request_id")
    if type(deadline) is not int or not 0 < deadline <= _MAX_DEADLINE_MS:
        raise SyncError("VS-1006", "deadline_ms is not a number of milliseconds", "deadline_ms")
    folders = header.get("folders") or []
    if not isinstance(folders, list) or not all(isinstance(each, str) for each in folders):
        raise SyncError("VS-1006", "folders is not a list of texts", "folders")
    label = _field(header, "label", str) if "label" in header else f"{texts[0]}.{texts[1]}"
    return Command(
        request_id,
        texts[0],
        texts[1],
        _field(header, "params", dict),
        label[:MAX_LABEL],
        deadline / 1000.0,
        texts[2],
        texts[3],
        header.get("resolved") if isinstance(header.get("resolved"), dict) else {},
        tuple(folders),
    )


def _field(header: dict, key: str, kind: type):
    value = header.get(key)
    if not isinstance(value, kind):
        raise SyncError("VS-1006", f"{key} is missing or of another type", key)
    return value


def manifest_id(text: str) -> str | None:
    """Returns the id in a manifest; None if it has none. The daemon judges the manifest, not the addon."""
    try:
        found = json.loads(text)["addon_info"]["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def find_tool(text: str, name: str) -> Tool:
    """Returns a tool of a manifest that the daemon has accepted. Raises SyncError VS-9102."""
    try:
        for tool in json.loads(text)["ai_integration"]["tools"]:
            if tool["name"] == name:
                return Tool(list(tool.get("parameters") or ()), tool.get("read_only") is True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise SyncError("VS-9102", "the add-on has no such tool", "command")
