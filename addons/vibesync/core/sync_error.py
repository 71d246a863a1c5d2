# SPDX-License-Identifier: GPL-3.0-or-later
"""The error type of the addon: a stable code, as in section 6 of docs/protocol.md."""

from __future__ import annotations

import re

from .errors import HELP


class SyncError(Exception):
    """A failure with a stable code, a sentence, the location of the fault, and advice.

    A location is the path of a field or entity, such as `changes[3].components.mesh`. On the wire its key is "place".
    """

    def __init__(self, code: str, message: str, location: str = "") -> None:
        super().__init__(f"{code}: {message}" + (f" (at {location})" if location else ""))
        self.code = code
        self.message = message
        self.location = location
        self.help = HELP.get(code, "Look up the code in the documentation.")

    def to_wire(self) -> dict:
        """Returns the object that `applied` results and `error` messages carry."""
        return {"code": self.code, "message": self.message, "place": self.location, "help": self.help}

    @classmethod
    def from_wire(cls, error: dict) -> SyncError:
        """Reads an error that the daemon sent."""
        return cls(str(error.get("code")), str(error.get("message")), location_on_wire(error))


def location_on_wire(error: dict) -> str:
    """Returns the location in an error that the daemon sent; "" without one."""
    return str(error.get("place") or "")


def for_panel(message: dict) -> dict:
    """Returns the fields of a daemon's error or notice that the panel shows, in the form of `SyncError.to_wire`."""
    return {key: message.get(key) for key in ("code", "message", "place", "help")}


def change_index(location: str) -> int | None:
    """Returns the number of the change in a location such as `changes[3].components`; None without one."""
    found = re.match(r"changes\[(\d{1,9})\]", location)
    return int(found[1]) if found else None
