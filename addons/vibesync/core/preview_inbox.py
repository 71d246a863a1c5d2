# SPDX-License-Identifier: GPL-3.0-or-later
"""The previews that arrived: the newest value of each entity, for as long as it counts."""

from __future__ import annotations

from .components import PREVIEWED, check_component, is_uuid
from .sync_error import SyncError

_MOST = 4_096  # entities at a time, as many as the daemon lets one sender show
_SECONDS = 1.0  # after which a value that nobody repeats counts no more


class PreviewInbox:
    """The values that the other editor wants to be shown here, by uuid."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, dict]] = {}  # uuid -> components as on the wire
        self._arrived: dict[str, float] = {}

    def take(self, header: dict, now: float) -> None:
        """Takes a message in. Ignores what is malformed or unknown: the durable change decides anyway."""
        kind = header["type"]
        listed = header.get("changes" if kind == "preview" else "uuids")
        for each in listed if isinstance(listed, list) else ():
            if kind == "preview_end":
                self._forget(each)
            elif isinstance(each, dict):
                self._take_change(each, now)

    def drop(self, uuids: set[str]) -> None:
        """Drops entities that a durable change names."""
        for uuid in uuids & self.values.keys():
            self._forget(uuid)

    def expire(self, now: float) -> None:
        """Drops values that were not repeated in time."""
        for uuid, arrived in list(self._arrived.items()):
            if now - arrived >= _SECONDS:
                self._forget(uuid)

    def clear(self) -> None:
        """Drops all."""
        self.values.clear()
        self._arrived.clear()

    def _take_change(self, change: dict, now: float) -> None:
        uuid, components = change.get("uuid"), change.get("components")
        if not is_uuid(uuid) or not isinstance(components, dict):
            return
        if uuid not in self.values and len(self.values) >= _MOST:
            return
        known = {name: components[name] for name in sorted(PREVIEWED & components.keys())}
        try:
            for name, value in known.items():
                check_component(name, value, name)
        except SyncError:
            return
        if not known:
            return
        self.values[uuid] = known
        self._arrived[uuid] = now

    def _forget(self, uuid: object) -> None:
        if isinstance(uuid, str):
            self.values.pop(uuid, None)
            self._arrived.pop(uuid, None)
