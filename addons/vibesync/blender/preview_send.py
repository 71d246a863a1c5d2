# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends previews while a person holds something: reads what Blender names as changed, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..core.pace import Slice
from ..core.preview_outbox import PreviewOutbox
from ..core.replica import Replica
from . import preview_values
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
        self._dirty_set.touched.clear()

    def work(self, now: float, shown: set[str]) -> list[dict]:
        """Reads what has changed, if a person holds something; else ends what was shown. `shown`: entities that show
        a preview here."""
        touched = self._dirty_set.touched
        if self._activity.state() != "modal":
            touched.clear()
            self.outbox.release()
            return self.outbox.take_ends(self._dirty_set.marks)
        if not self.outbox.is_due(now):
            return []
        began = time.perf_counter()
        read = len(touched)
        values = dict(self._read(touched - shown)) if touched else {}
        touched.clear()
        return self.outbox.update(values, now, time.perf_counter() - began if values else 0.0, read)

    def is_due(self, now: float) -> bool:
        """Returns whether something has changed that may be sent now."""
        return bool(self._dirty_set.touched) and self.outbox.is_due(now)

    def _read(self, touched: set[str]) -> Iterable[tuple[str, dict[str, dict]]]:
        scene = synced_scene()
        scan = self._identity.recent_scan(Slice(0.0))
        reader = Reader(view_layer(scene), scan, unit(scene), self._identity, self._graphs)
        for uuid in touched:
            entry, datablock = self._replica.entries.get(uuid), scan.get(uuid)
            if entry is None or not entry.version or datablock is None:  # new: the daemon does not know it
                continue
            components = preview_values.read(datablock, reader)
            is_agreed = components.keys() <= entry.last_seen.keys()
            if is_agreed and self.outbox.is_news(uuid, components, entry.last_seen):
                yield uuid, components
