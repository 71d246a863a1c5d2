# SPDX-License-Identifier: GPL-3.0-or-later
"""Material slots: the component `slots` of meshes, and `materials` of objects, which show others in some slots."""

from __future__ import annotations

import re

from .sync_error import SyncError
from .uuid_text import is_uuid

MOST = 32_767  # slots of a mesh in Blender

_SLOT = re.compile(r"0|[1-9][0-9]{0,4}")


def check_slots(value: dict, location: str) -> None:
    """Checks the component `slots`. Raises SyncError at the location of the first fault."""
    listed = value.get("materials")
    if not isinstance(listed, list) or len(listed) > MOST:
        raise SyncError("VS-1006", f"not a list of at most {MOST} materials", f"{location}.materials")
    for number, uuid in enumerate(listed):
        _check_reference(uuid, f"{location}.materials[{number}]")


def check_own(value: dict, location: str) -> None:
    """Checks the component `materials`. Raises SyncError at the location of the first fault."""
    own = value.get("own")
    if not isinstance(own, dict):
        raise SyncError("VS-1006", "not an object", f"{location}.own")
    for slot, uuid in own.items():
        if not isinstance(slot, str) or not _SLOT.fullmatch(slot) or int(slot) >= MOST:
            raise SyncError("VS-1006", "not the number of a slot", f"{location}.own")
        _check_reference(uuid, f"{location}.own.{slot}")


def as_agreed(shown: list[str | None], last: list[str | None] | None) -> list[str | None]:
    """Returns the list of a mesh: the synchronized one if it shows the same, else without empty slots at its end.

    So an empty slot that one editor needs, and another does not, is no edit.
    """
    shown = without_end(shown)
    return last if last is not None and without_end(last) == shown else shown


def without_end(listed: list[str | None]) -> list[str | None]:
    """Returns the list without the empty slots at its end."""
    count = len(listed)
    while count and listed[count - 1] is None:
        count -= 1
    return listed[:count]


def _check_reference(uuid: object, location: str) -> None:
    if uuid is not None and not is_uuid(uuid):
        raise SyncError("VS-1006", "neither a uuid nor null", location)
