# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the entities of a running batch in the scene."""

from __future__ import annotations

import bpy

from ..core.sync_error import SyncError
from . import data_kinds
from .entity import Reader
from .graph_port import GraphPort
from .identity import Identity, Scan, is_local
from .scenes import synced_scene, unit, view_layer


class SceneLookup:
    """Looks up entities through a scan that lives until Blender announces that references may be stale."""

    def __init__(self, identity: Identity, graphs: GraphPort) -> None:
        # New objects with their parents, not in the scene yet: each link or parent costs a full depsgraph rebuild.
        self.staged: dict[str, str | None] = {}
        self.identity = identity
        self._graphs = graphs
        self._scan: Scan | None = None
        self._generation = 0  # of the datablocks that the scan refers to
        self._reader: Reader | None = None  # of this slice

    def begin_slice(self) -> None:
        """Drops the reader, because its view layer is no datablock: nothing announces that one was removed."""
        self._reader = None

    def reader(self) -> Reader:
        """Returns the reader of this slice, whose references are valid."""
        if self._scan is None or self._generation != self.identity.generation:
            self.refresh()
        if self._reader is None:
            scene = synced_scene()
            self._reader = Reader(view_layer(scene), self._scan, unit(scene), self.identity, self._graphs)
        return self._reader

    @property
    def scan(self) -> Scan:
        """Returns the scan of the reader."""
        return self.reader().scan

    @property
    def layer(self) -> bpy.types.ViewLayer:
        """Returns the view layer of the reader."""
        return self.reader().layer

    def refresh(self) -> None:
        """Scans the scene again, with the new objects that are not in the scene yet."""
        scan = self.identity.scan()
        if self.staged:
            everywhere = self.identity.all_objects()
            scan.objects.update({uuid: everywhere[uuid] for uuid in self.staged if uuid in everywhere})
        self._scan, self._reader = scan, None
        self._generation = self.identity.generation

    def resolve(self, uuid: str | None, kind: str, location: str) -> bpy.types.ID | None:
        """Returns the datablock right before its use, after one new scan if necessary; None for None.

        `kind` is that of the entity, or "data" for any that objects show. Raises SyncError VS-7005 if there is none.
        """
        if uuid is None:
            return None
        for _ in range(2):
            datablock = self._find(uuid, kind)
            try:
                if datablock is not None and datablock.session_uid:
                    if not is_local(datablock):
                        raise SyncError("VS-7003", f"{datablock.name} is linked", location)
                    return datablock
            except ReferenceError:
                pass  # Blender removed it meanwhile: scan again
            self.refresh()
        raise SyncError("VS-7005", f"{uuid} is not in the scene", location)

    def _find(self, uuid: str, kind: str) -> bpy.types.ID | None:
        if kind == "data":
            return self.scan.get_data(uuid) if data_kinds.is_shown(self.scan.data_kind(uuid)) else None
        return (self.scan.objects if kind == "object" else self.scan.data[kind]).get(uuid)
