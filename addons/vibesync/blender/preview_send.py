# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends previews while a person holds objects with a tool: reads what Blender names as moved, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..core.pace import Slice
from ..core.preview_inbox import COMPONENT
from ..core.preview_outbox import PreviewOutbox
from ..core.replica import Replica
from . import transforms
from .activity import Activity
from .dirty_set import DirtySet
from .entity import Reader
from .graph_port import GraphPort
from .identity import Identity
from .scenes import synced_scene, unit, view_layer


class PreviewSender:
    """The sender's side. Methods return the messages to send."""

    def __init__(
        self, identity: Identity, dirty_set: DirtySet, activity: Activity, replica: Replica, graphs: GraphPort
    ) -> None:
        self.outbox = PreviewOutbox()
        self._identity = identity
        self._dirty_set = dirty_set
        self._activity = activity
        self._replica = replica
        self._graphs = graphs

    def reset(self) -> None:
        """Starts over with a new connection."""
        self.outbox.reset()
        self._dirty_set.moved.clear()

    def work(self, now: float, shown: set[str]) -> list[dict]:
        """Reads what has moved, if a tool is held; else ends what was shown. `shown`: entities that show a preview
        here."""
        moved = self._dirty_set.moved
        if self._activity.state() != "modal":
            moved.clear()
            self.outbox.release()
            return self.outbox.take_ends(self._dirty_set.marks)
        if not self.outbox.is_due(now):
            return []
        began = time.perf_counter()
        read = len(moved)
        values = dict(self._read(moved - shown)) if moved else {}
        moved.clear()
        return self.outbox.update(values, now, time.perf_counter() - began if values else 0.0, read)

    def is_due(self, now: float) -> bool:
        """Returns whether something has moved that may be sent now."""
        return bool(self._dirty_set.moved) and self.outbox.is_due(now)

    def _read(self, moved: set[str]) -> Iterable[tuple[str, dict]]:
        scene = synced_scene()
        scan = self._identity.recent_scan(Slice(0.0))
        reader = Reader(view_layer(scene), scan, unit(scene), self._identity, self._graphs)
        for uuid in moved:
            entry, item = self._replica.entries.get(uuid), scan.objects.get(uuid)
            agreed = entry.last_seen.get(COMPONENT) if entry and entry.version else None
            if agreed is None or item is None:  # new: the daemon does not know it
                continue
            value, _ = transforms.read(item, reader.synced_parent(item), reader.unit, reader.frame(item))
            if self.outbox.is_news(uuid, value, agreed):
                yield uuid, value
