# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the entities of a running batch in the scene, and finds them again in each slice."""

from __future__ import annotations

import bpy

from ..core.pace import Slice
from ..core.sync_error import SyncError
from .entity import Reader
from .graph_port import GraphPort
from .identity import Identity, Scan, is_local
from .scenes import synced_scene, unit, view_layer


class SceneLookup:
    """Looks up entities through a reader that lives for one slice, because references become stale after it."""

    def __init__(self, identity: Identity, graphs: GraphPort, slice_: Slice) -> None:
        # New objects with their parents, not in the scene yet: each link or parent costs a full depsgraph rebuild.
        self.staged: dict[str, str | None] = {}
        self.identity = identity
        self._graphs = graphs
        self._slice = slice_
        self._reader: Reader | None = None
        self._slice_number = 0

    def reader(self) -> Reader:
        """Returns the reader of this slice."""
        if self._reader is None or self._slice_number != self._slice.number:
            self.refresh()
        return self._reader

    @property
    def scan(self) -> Scan:
        """Returns the scan of this slice."""
        return self.reader().scan

    @property
    def layer(self) -> bpy.types.ViewLayer:
        """Returns the view layer of this slice."""
        return self.reader().layer

    def refresh(self, with_staged: bool = False) -> None:
        """Scans the scene again; `with_staged` includes new objects that are not in the scene yet."""
        scan = self.identity.scan()
        if with_staged:
            everywhere = self.identity.all_objects()
            scan.objects.update({uuid: everywhere[uuid] for uuid in self.staged if uuid in everywhere})
        scene = synced_scene()
        self._reader = Reader(view_layer(scene), scan, unit(scene), self.identity, self._graphs)
        self._slice_number = self._slice.number

    def resolve(self, uuid: str | None, kind: str, location: str) -> bpy.types.ID | None:
        """Returns the datablock right before its use, after one new scan if necessary; None for None.

        `kind` is "objects" or "meshes". Raises SyncError VS-7005 if it does not exist.
        """
        if uuid is None:
            return None
        for _ in range(2):
            datablock = getattr(self.scan, kind).get(uuid)
            try:
                if datablock is not None and datablock.session_uid:
                    if not is_local(datablock):
                        raise SyncError("VS-7003", f"{datablock.name} is linked", location)
                    return datablock
            except ReferenceError:
                pass  # Blender removed it meanwhile: scan again
            self.refresh(with_staged=True)
        raise SyncError("VS-7005", f"{uuid} is not in the scene", location)
