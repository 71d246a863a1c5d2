# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates every incoming batch as a whole before anything in the scene changes."""

from __future__ import annotations

from .components import COMPONENTS, KINDS, check_component, is_uuid
from .pace import Steps
from .sync_error import SyncError

LARGE_BATCHES = "large_batches"  # the feature
_MAX_CHANGES = 50_000


def check_batch(header: dict, project_id: str) -> Steps[None]:
    """Checks an `apply` message, in steps. Raises SyncError at the location of the first fault."""
    if not is_uuid(header.get("batch_id")):
        raise SyncError("VS-1006", "the batch has no id", "batch_id")
    if header.get("project_id") != project_id:
        raise SyncError("VS-2003", "the batch is for another project", "project_id")
    if header.get("schema_version") != 1:
        raise SyncError("VS-2001", "the batch has another schema version", "schema_version")
    changes = header.get("changes")
    if not isinstance(changes, list) or not 0 < len(changes) <= _MAX_CHANGES:
        raise SyncError("VS-3007", f"a batch has 1 to {_MAX_CHANGES} changes", "changes")
    seen = set()
    for number, change in enumerate(changes):
        location = f"changes[{number}]"
        _check_change(change, location)
        if change["uuid"] in seen:
            raise SyncError("VS-3007", f"{change['uuid']} is named twice", location)
        seen.add(change["uuid"])
        yield


def _check_change(change: object, location: str) -> None:
    if not isinstance(change, dict) or change.get("op") not in ("create", "update", "delete"):
        raise SyncError("VS-1006", "not a create, update or delete", location)
    if not is_uuid(change.get("uuid")):
        raise SyncError("VS-1006", "not a uuid", f"{location}.uuid")
    if type(change.get("version")) is not int or not 0 <= change["version"] < 2**53:
        raise SyncError("VS-1006", "not a version", f"{location}.version")
    if change["op"] == "delete":
        return
    components = change.get("components")
    if not isinstance(components, dict):
        raise SyncError("VS-1006", "no components", f"{location}.components")
    if change["op"] == "create" and change.get("kind") not in KINDS:
        raise SyncError("VS-3004", f"unknown kind {change.get('kind')!r}", f"{location}.kind")
    for name, value in components.items():
        kind = COMPONENTS.get(name)
        if change["op"] == "create" and (kind is None or change["kind"] not in kind.kinds):
            raise SyncError("VS-3004", f"{name} is not for {change['kind']}", f"{location}.components.{name}")
        check_component(name, value, f"{location}.components.{name}")
