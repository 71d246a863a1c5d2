# SPDX-License-Identifier: GPL-3.0-or-later
"""The dirty set: entities that Blender's events name as changed since the last capture. Cheap enough for every
event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import bpy

from . import data_kinds, shown_values
from .identity import Identity

_SETTLE_SECONDS = 0.03
_LONGEST_WAIT = 0.25
_PAUSE_SECONDS = 0.25  # a change after so much quiet is sent at once
MOVES = "moves"  # of datablocks that stay
CHANGES = "changes"  # these may add and remove datablocks


class DirtySet:
    """Dirty uuids in order of their first mark, and flags for changes that Blender does not attribute to an entity."""

    def __init__(self, identity: Identity, forget_graph: Callable[[bpy.types.GeometryNodeTree], None]) -> None:
        self._identity = identity
        self._forget_graph = forget_graph
        # Returns whether an update of a datablock comes from its preview alone; set by the preview display.
        self.is_preview: Callable[[str, bpy.types.ID], bool] = lambda uuid, datablock: False
        self.shown_marks: dict[str, int] = {}  # objects that Blender evaluated again -> number of the latest mark
        self.updates = 0  # number of Blender's updates, so that a call knows whether anything happened since
        self.reset()

    def reset(self) -> None:
        """Starts over, because another file was opened: nothing is known yet."""
        self.marks: dict[str, int] = {}  # uuid -> number of its latest mark
        self.shown_marks.clear()
        self.touched: set[str] = set()  # moved objects, and changed lights, cameras and materials, for previews
        self.touched_meshes: set[str] = set()  # meshes whose geometry changed, for previews
        self.is_structure_dirty = True  # Datablocks may have been added or removed.
        self.is_visibility_dirty = True  # An object was shown or hidden; Blender does not say which.
        self.is_hidden_dirty = True  # A hidden object changed; Blender does not name it.
        self._count = 0
        self._first: float | None = None
        self._is_due = False  # the marks are to be captured without further waiting
        self._last = 0.0
        self._has_new_marks = False
        self._ignored: str | None = None  # what the updates do that are ignored now

    @property
    def is_dirty(self) -> bool:
        """Returns whether anything is to be compared."""
        return bool(self.marks) or self.is_structure_dirty or self.is_visibility_dirty

    def record_updates(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Marks the entities that a depsgraph update names."""
        self.updates += 1
        if self._ignored:
            if self._ignored == CHANGES and depsgraph.updates:  # creating data alone causes an update of nothing
                self._identity.begin_generation()
            return
        if not depsgraph.updates:
            self.is_visibility_dirty = self.is_hidden_dirty = self._has_new_marks = True
        self._record_evaluated(depsgraph)
        self._record_named(depsgraph)

    def record_frame_change(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Marks the entities that a change of the frame evaluated again.

        It also evaluates what a script changed just before, and Blender names that to no other handler. The animated
        entities are marked with it: they are compared, and equal unless their keys changed. Their evaluated meshes and
        previews stay as they are, because the timeline alone changes those.
        """
        self.updates += 1
        if self._ignored:
            return
        touched, touched_meshes = set(self.touched), set(self.touched_meshes)
        self._record_named(depsgraph)
        self.touched &= touched
        self.touched_meshes &= touched_meshes

    def _record_named(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Marks the entities that a depsgraph names, each as its type demands."""
        materials, trees = [], []
        for update in depsgraph.updates:
            datablock = update.id.original
            if isinstance(datablock, bpy.types.Material):
                materials.append(datablock)
            elif isinstance(datablock, bpy.types.ShaderNodeTree):
                trees.append(datablock)
            elif _concerns_material(datablock, update):
                continue
            elif isinstance(datablock, (bpy.types.Object, *data_kinds.TYPES)):
                uuid = self._identity.uuid_of(datablock)
                if uuid is None:
                    self.mark_structure()
                elif isinstance(datablock, bpy.types.Object):
                    self._record_object(uuid, datablock, update.is_updated_transform)
                elif isinstance(datablock, bpy.types.Mesh):
                    self._record_mesh(uuid)
                else:
                    self._record_values(uuid, datablock)
                if isinstance(datablock, bpy.types.Object) and datablock.type == "MESH" and update.is_updated_geometry:
                    self._record_mesh(self._identity.uuid_of(datablock.data))
            elif isinstance(datablock, (bpy.types.Scene, bpy.types.Collection)):
                self.mark_structure()  # a hidden object may have got another parent
                self.is_visibility_dirty = self.is_hidden_dirty = self._has_new_marks = True
            elif isinstance(datablock, bpy.types.Action):
                self._record_action(datablock)
            elif isinstance(datablock, bpy.types.GeometryNodeTree):  # the update also names its objects
                self._forget_graph(datablock)
            elif isinstance(datablock, bpy.types.Key) and isinstance(datablock.user, bpy.types.Mesh):
                self.add(self._identity.uuid_of(datablock.user))
        if materials or trees:
            self._record_materials(materials, trees)

    def _record_evaluated(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Marks the objects whose evaluated mesh may be another, whoever changed what it is made of."""
        for update in depsgraph.updates:
            is_object = update.is_updated_geometry and isinstance(update.id, bpy.types.Object)
            if is_object and shown_values.can_be_generated(update.id):
                self.mark_shown(self._identity.uuid_of(update.id.original))

    def mark_shown(self, uuid: str | None) -> None:
        """Marks an object whose evaluated mesh is to be read."""
        if uuid is not None:
            self._count += 1
            self.shown_marks[uuid] = self._count
            self._has_new_marks = True

    def _record_materials(self, materials: list[bpy.types.Material], trees: list[bpy.types.ShaderNodeTree]) -> None:
        """Marks materials, and those whose tree alone is named. One without a uuid was in no slot so far."""
        named = [material.node_tree for material in materials]
        trees = [tree for tree in trees if tree not in named]
        if trees:
            materials = [*materials, *(each for each in bpy.data.materials if each.node_tree in trees)]
        for material in materials:
            self._record_values(self._identity.uuid_of(material), material)

    def _record_action(self, action: bpy.types.Action) -> None:
        """Marks an action; one without a uuid was made with its first key."""
        uuid = self._identity.uuid_of(action)
        if uuid is None:
            self.mark_structure()
        self.add(uuid)

    def _record_mesh(self, uuid: str | None) -> None:
        if uuid is not None:
            self.add(uuid)
            self.touched_meshes.add(uuid)

    def _record_values(self, uuid: str | None, datablock: bpy.types.ID) -> None:
        if uuid is not None and not self.is_preview(uuid, datablock):
            self.add(uuid)
            self.touched.add(uuid)

    def _record_object(self, uuid: str, item: bpy.types.Object, has_moved: bool) -> None:
        if self.is_preview(uuid, item):
            return
        self.add(uuid)
        if has_moved:
            self.touched.add(uuid)

    def mark_structure(self) -> None:
        """Marks that datablocks may have been added or removed: capture scans the scene again."""
        self.is_structure_dirty = True
        self._identity.begin_generation()

    @contextmanager
    def ignore(self, what: str) -> Iterator[None]:
        """Ignores depsgraph updates in this context, because the addon causes them: MOVES or CHANGES."""
        before, self._ignored = self._ignored, what
        try:
            yield
        finally:
            self._ignored = before

    def add(self, uuid: str | None) -> None:
        """Marks one uuid."""
        if uuid:
            self._count += 1
            self.marks[uuid] = self._count
            self._has_new_marks = True

    def add_all(self, uuids: Iterable[str]) -> None:
        """Marks many uuids, each named once, much faster than one by one."""
        marked = {uuid: number for number, uuid in enumerate(uuids, self._count + 1)}
        self._count += len(marked)
        self.marks.update(marked)
        self._has_new_marks |= bool(marked)

    def is_settled(self, now: float, has_unfinished_work: bool) -> bool:
        """Returns whether the dirty entities are to be captured now.

        That is so for the first change after a pause. Changes that follow it are gathered until events have paused for
        a moment, or have lasted long enough. Once begun, the capture goes on until all marks are taken.

        `has_unfinished_work`: capture has work besides the marks, because its time was up.
        """
        if self._has_new_marks:
            self._has_new_marks = False
            if self._first is None:
                self._first = now
                self._is_due = now - self._last >= _PAUSE_SECONDS
            self._last = now
        if not (self.marks or self.is_structure_dirty or self.is_visibility_dirty or has_unfinished_work):
            self._first = None
            return False
        quiet, waited = now - self._last, now - (self._first or 0.0)
        self._is_due = self._is_due or quiet >= _SETTLE_SECONDS or waited >= _LONGEST_WAIT
        return self._is_due or self._first is None

    def restart_wait(self) -> None:
        """Restarts the wait, because all marks are taken."""
        self._first = None
        self._is_due = False


def _concerns_material(datablock: bpy.types.ID, update: bpy.types.DepsgraphUpdate) -> bool:
    """Returns whether a mesh is named because of one of its materials alone: it need not be read again."""
    return isinstance(datablock, bpy.types.Mesh) and not update.is_updated_geometry and not update.is_updated_transform
