# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows previews in the scene and puts back what was there. Neither makes an undo step, nor an edit of the user.

While something shows a preview, a mark in the scene has what it had before. An undo step that a person makes meanwhile
holds the shown value, and the mark with it; so does an auto-save. `put_back_leftovers` then finds both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import bpy

from ..core.check import is_uuid
from ..core.pace import Slice
from . import preview_values
from .dirty_set import MOVES, DirtySet
from .entity import Reader
from .graph_port import GraphPort
from .identity import Identity
from .scenes import synced_scene, unit, view_layer

MARK = "vibesync_shown"


@dataclass
class _Shown:
    before: preview_values.State
    shown: preview_values.State
    components: dict[str, dict]  # as they arrived


class PreviewDisplay:
    """The datablocks that show a preview, by uuid. Keeps no reference to a datablock."""

    def __init__(self, identity: Identity, dirty_set: DirtySet, graphs: GraphPort) -> None:
        self._identity = identity
        self._dirty_set = dirty_set
        self._graphs = graphs
        self._shown: dict[str, _Shown] = {}
        self._grabbed: dict[str, _Shown] = {}  # a tool of the person here took hold of them as they were shown
        self._marked_meanwhile: set[str] = set()
        dirty_set.is_preview = self._is_preview

    @property
    def uuids(self) -> set[str]:
        """Returns the entities that show a preview."""
        return set(self._shown)

    @property
    def is_clear(self) -> bool:
        """Returns whether the scene holds nothing of a preview."""
        return not self._shown and not self._grabbed

    def flush(self) -> None:
        """Lets Blender report the changes of the user, so that they are told from those of previews."""
        view_layer(synced_scene()).update()

    def show(self, values: dict[str, dict[str, dict]]) -> None:
        """Shows these components and keeps all others. The user's changes must have been flushed."""
        news = {uuid: components for uuid, components in values.items() if self._components_of(uuid) != components}
        reader = self._reader() if news else None
        for uuid, components in news.items():
            datablock = reader.scan.get(uuid)
            if not preview_values.is_known(datablock):
                continue
            before = self._shown[uuid].before if uuid in self._shown else preview_values.save(datablock)
            preview_values.show(datablock, components, reader)
            self._shown[uuid] = _Shown(before, preview_values.save(datablock), components)
        written = news.keys() & self._shown.keys()
        if written:
            self._mark(written)
            self._evaluate()

    def put_back(self, uuids: Iterable[str]) -> None:
        """Puts back what these entities had before. The user's changes must have been flushed."""
        ended = {uuid: self._shown.pop(uuid) for uuid in uuids if uuid in self._shown}
        self._restore(ended)
        late = self._marked_meanwhile & ended.keys()
        self._marked_meanwhile -= late
        for uuid in late:  # whatever it was, it is read now
            self._dirty_set.add(uuid)

    def give_to_tool(self, uuids: Iterable[str]) -> None:
        """Ends previews of what a person has taken hold of. If they cancel, Blender restores what it found: the
        preview. So these are put back after it."""
        taken = {uuid: self._shown.pop(uuid) for uuid in uuids if uuid in self._shown}
        self._grabbed.update(taken)
        if taken:
            self._unmark(taken)

    def put_back_after_tool(self) -> None:
        """Puts back what a tool has left as the preview showed it. The user's changes must have been flushed."""
        grabbed, self._grabbed = self._grabbed, {}
        self._restore(grabbed)

    def put_back_leftovers(self) -> None:
        """Puts back what an undo step or an auto-save has kept of a preview."""
        scene = synced_scene()
        kept = scene.get(MARK)
        if kept is None:
            return
        found = kept.to_dict() if hasattr(kept, "to_dict") else {}
        del scene[MARK]
        scan = self._identity.recent_scan(Slice(0.0))
        for uuid, mark in found.items():
            datablock = scan.get(uuid) if is_uuid(uuid) else None
            if preview_values.is_known(datablock):
                preview_values.put_back_mark(datablock, mark)

    def _components_of(self, uuid: str) -> dict[str, dict] | None:
        shown = self._shown.get(uuid)
        return shown.components if shown else None

    def _reader(self) -> Reader:
        scene = synced_scene()
        scan = self._identity.recent_scan(Slice(0.0))
        return Reader(view_layer(scene), scan, unit(scene), self._identity, self._graphs)

    def _restore(self, ended: dict[str, _Shown]) -> None:
        if not ended:
            return
        scan = self._identity.recent_scan(Slice(0.0))
        for uuid, each in ended.items():
            datablock = scan.get(uuid)
            if datablock is not None:
                preview_values.put_back(datablock, each.before, each.shown)
        self._unmark(ended)
        self._evaluate()

    def _evaluate(self) -> None:
        with self._dirty_set.ignore(MOVES):
            self.flush()

    def _mark(self, uuids: Iterable[str]) -> None:
        scene = synced_scene()
        if MARK not in scene:
            scene[MARK] = {}
        kept = scene[MARK]
        for uuid in uuids:
            kept[uuid] = preview_values.to_mark(self._shown[uuid].before, self._shown[uuid].shown)

    def _unmark(self, uuids: Iterable[str]) -> None:
        scene = synced_scene()
        if MARK not in scene:
            return
        kept = scene[MARK]
        for uuid in uuids:
            if uuid in kept:
                del kept[uuid]
        if not len(kept):
            del scene[MARK]

    def _is_preview(self, uuid: str, datablock: bpy.types.ID) -> bool:
        """Returns whether an update of a datablock may come from its preview alone. Other windows report one too. It is
        compared once its preview has ended."""
        each = self._shown.get(uuid)
        if each is None or preview_values.save(datablock) != each.shown:
            return False
        self._marked_meanwhile.add(uuid)
        return True
