# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes changes of a batch to entities."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import bpy

from ..core import still
from ..core.collection import SCENE_ALONE
from ..core.frames import Frame
from ..core.mesh import Mesh
from ..core.pace import Steps
from ..core.shapes import Shapes
from ..core.sync_error import SyncError
from . import (
    action_write,
    collection_values,
    data_kinds,
    guard,
    image_values,
    instance_values,
    lock_values,
    material_values,
    mesh_write,
    names,
    pose_values,
    shape_keys,
    slot_values,
    still_values,
    transforms,
)
from .action_batch import ActionBatch
from .armature_batch import ArmatureBatch
from .data_kinds import is_local
from .entity import VALUES
from .replace import replace_object
from .scene_lookup import SceneLookup
from .scenes import synced_scene
from .skin_write import SkinWriter
from .snapshot import Snapshot

_CREATE = {
    "material": material_values.create,
    "image": image_values.create,
    "collection": collection_values.create,
    "action": action_write.create,
}


class EntityWriter:
    """Writes entities one at a time. New objects are staged, and enter the scene together in `link_staged`."""

    def __init__(self, lookup: SceneLookup) -> None:
        # The bulk data of the batch, by uuid; `kept` has shape keys of meshes that change without them.
        self.meshes: dict[str, Mesh] = {}
        self.shapes: dict[str, Shapes] = {}
        self.kept: dict[str, Shapes] = {}
        self.files: dict[str, bytes] = {}
        self.only_new = True  # no entity that existed before has changed so far
        self.actions = ActionBatch(lookup)
        self.rigs = ArmatureBatch(lookup)
        self._lookup = lookup
        self._instances: dict[str, tuple[str | None, str]] = {}  # collections to show, with locations, by object
        self.skins = SkinWriter(lookup)
        self._created: set[str] = set()
        self._wanted: dict[str, dict] = {}  # collections, by staged object
        self._unfinished: list[tuple[str, dict, dict, str]] = []  # collections to link again
        self.unused: instance_values.Unused = []
        self._hidden: list[str] = []  # staged objects to hide once they are in the scene
        self._children: dict[str, list[str]] | None = None  # of objects in the scene, once they are needed

    def has_geometry(self, uuid: str) -> bool:
        """Returns whether the batch changes what a rollback brings back as a copy: a mesh, or an action."""
        bulk = (self.meshes, self.shapes, self.skins.weights, self.actions.wanted)
        return any(uuid in each for each in bulk)

    def write(self, change: dict, location: str, snapshot: Snapshot) -> Steps[None]:
        """Applies a create or an update. Raises SyncError."""
        lookup = self._lookup
        uuid, components = change["uuid"], change["components"]
        kind = change.get("kind")
        if uuid not in self._created:
            here = lookup.scan.kind(uuid)
            kind = kind or here
            if here not in (None, kind):
                raise SyncError("VS-3002", f"{uuid} is a {here} here", location)
            if change["op"] == "create" and here is None:
                self.create(change, location, snapshot)
            else:
                self.only_new = False
        if kind in lookup.scan.data:
            find, unit = partial(lookup.resolve, uuid, "mesh", location), lookup.reader().unit
            if uuid in self.meshes:
                if uuid not in self.shapes and shape_keys.has_keys(find()):
                    self.kept[uuid] = yield from mesh_write.read_shapes(find, unit)
                groups = lookup.reader().group_names(uuid, find()) if uuid not in self._created else ()
                bulk = self.shapes.get(uuid), self.skins.weights.get(uuid), groups
                weights = yield from mesh_write.write(find, self.meshes[uuid], unit, *bulk)
            else:
                weights = self.skins.weights.get(uuid)
            # Before shape keys, which a group may limit.
            yield from self.skins.write_weights(uuid, weights, uuid in self._created)
            if uuid in self.shapes:
                yield from mesh_write.write_shapes(find, self.shapes[uuid], unit)
            self._write_data(uuid, kind, components, location, snapshot)
        elif uuid in lookup.staged:
            self._fill_staged(uuid, components, location)
        else:
            self._write_object(uuid, components, location)

    def create(self, change: dict, location: str, snapshot: Snapshot) -> None:
        """Creates an entity that is not in the scene; `write` fills it. Raises SyncError."""
        lookup, uuid, components = self._lookup, change["uuid"], change["components"]
        snapshot.created.append(uuid)
        self._created.add(uuid)
        name = components.get("name", change["kind"])
        kind = change["kind"]
        if kind != "object":
            if kind in VALUES:
                data = VALUES[kind].create(name, components.get(kind, {}))
            else:
                data = _CREATE.get(kind, bpy.data.meshes.new)(name)
            lookup.identity.adopt(data, uuid)
            lookup.scan.data[kind][uuid] = data
            return
        data = lookup.resolve(components.get("data", {}).get("uuid"), "data", f"{location}.components.data")
        item = bpy.data.objects.new(name, data)
        lookup.identity.adopt(item, uuid)
        lookup.scan.objects[uuid] = item
        lookup.staged[uuid] = None

    def link_staged(self) -> Steps[None]:
        """Gives all staged objects their parents, and links them at once, even beyond the slice.

        After each part of that, Blender would build its dependency graph anew, which takes much longer. So only the
        lookups are divided. References to the new objects are kept meanwhile: the batch starts over with an undo, and
        fails if one is removed.
        """
        lookup = self._lookup
        items, around, children, parents = [], [], [], []
        for uuid, parent in lookup.staged.items():
            items.append(lookup.scan.objects[uuid])
            if parent is not None:
                children.append(items[-1])
                parents.append(lookup.resolve(parent, "object", f"{uuid}.parent"))
            around.append(self._around(self._wanted.get(uuid, SCENE_ALONE), f"{uuid}.collections"))
            yield
        for item, parent in zip(children, parents, strict=True):
            item.parent = parent
        for item, collections in zip(items, around, strict=True):
            for collection in collections:
                collection.objects.link(item)
        lookup.staged.clear()

    def _around(self, component: dict, location: str) -> list[bpy.types.Collection]:
        """Returns the collections of the component `collections`."""
        resolve = partial(self._lookup.resolve, kind="collection", location=location)
        return collection_values.around(component["in"], component["root"], resolve)

    def hide_staged(self) -> Steps[None]:
        """Hides new objects, which must be in the scene for that."""
        for uuid in self._hidden:
            _hide(self._lookup.scan.objects[uuid], self._lookup.layer)
            yield

    def _fill_staged(self, uuid: str, components: dict, location: str) -> None:
        """Writes a new object, which has its data, is visible, and gets its parent when it enters the scene."""
        lookup = self._lookup
        item = lookup.resolve(uuid, "object", location)
        lookup.staged[uuid] = parent = components.get("parent", {}).get("uuid")
        if "transform" in components:
            above = lookup.resolve(parent, "object", f"{location}.components.parent")
            frame = Frame(data_kinds.is_viewer(item), data_kinds.is_viewer(above))
            transforms.write_new(item, components["transform"], lookup.reader().unit, frame)
        if not components.get("visibility", {}).get("visible", True):
            self._hidden.append(uuid)
        if "collections" in components:
            self._wanted[uuid] = components["collections"]
        self._write_small(uuid, item, components, location)

    def _write_object(self, uuid: str, components: dict, location: str) -> None:
        lookup = self._lookup
        item = lookup.resolve(uuid, "object", location)
        transform = components.get("transform")
        if "parent" in components:
            parent = lookup.resolve(components["parent"]["uuid"], "object", f"{location}.components.parent")
            if parent != item.parent:
                before = lookup.reader().read_object(uuid, item)
                item.parent = parent
                item.parent_type = "OBJECT"
                transform = transform or before["transform"]
                # A mesh may be deformed by its parent, as long as it has it.
                self.skins.add_skin(uuid, before["skin"]["armature"], location)
        animated = lookup.reader().find_animated(item)
        still_values.take(item, {**components, "transform": transform} if transform else components, animated)
        if transform:
            if animated:
                present = lookup.reader().read_transform(item, lookup.reader().synced_parent(item))[0]
                transform = still.shown("transform", transform, present, animated)
            self._write_transform(item, transform)
        if "visibility" in components and ("visibility", "visible") not in animated:
            self._set_visibility(item, components["visibility"]["visible"])
        if "collections" in components:
            present = lookup.scan.links.of_object(item.session_uid)
            if present != components["collections"]:
                place = f"{location}.components.collections"
                wanted = self._around(components["collections"], place)
                self._move_object(item, self._around(present, place), wanted, place)
        self._write_small(uuid, item, components, location)

    def _move_object(
        self,
        item: bpy.types.Object,
        present: list[bpy.types.Collection],
        wanted: list[bpy.types.Collection],
        place: str,
    ) -> None:
        if collection_values.move_object(item, present, wanted):
            return
        self.unused += instance_values.drop_unused()
        if not collection_values.move_object(item, present, wanted):
            raise SyncError("VS-4005", f"{item.name} can't be where it should", place)

    def _write_small(self, uuid: str, item: bpy.types.Object, components: dict, location: str) -> None:
        """Writes the components that are the same for new objects and for others."""
        if "name" in components:
            names.write(item, components["name"])
        if "guard" in components:
            guard.write(item, components["guard"])
        is_rendered_still = ("render_visibility", "visible") not in self._lookup.reader().find_animated(item)
        if "render_visibility" in components and is_rendered_still:
            item.hide_render = not components["render_visibility"]["visible"]
        if "animation" in components:
            self.actions.played[uuid] = components["animation"], f"{location}.components.animation"
        if "instance" in components:
            self._instances[uuid] = components["instance"]["of"], f"{location}.components.instance"
        if "skin" in components:
            self.skins.add_skin(uuid, components["skin"]["armature"], location)
        if "materials" in components:
            self._write_own(item, components["materials"], f"{location}.components.materials")
        if "pose" in components:
            pose_values.write(item, components["pose"], self._lookup.reader().unit)
        if "locks" in components:
            lock_values.write(item, uuid, components["locks"])

    def _write_own(self, item: bpy.types.Object, component: dict, location: str) -> None:
        uuid_of = self._lookup.reader().material_uuid
        resolve = partial(self._lookup.resolve, kind="material", location=location)
        slot_values.write_own(item, component, uuid_of, resolve)

    def _write_data(self, uuid: str, kind: str, components: dict, location: str, snapshot: Snapshot) -> None:
        """Writes the components of what is no object, apart from the geometry of a mesh."""
        lookup = self._lookup
        datablock = lookup.resolve(uuid, kind, location)
        if kind == "material":
            images = replace(lookup.reader().images, resolve=partial(lookup.resolve, kind="image", location=location))
            material_values.write(datablock, uuid, components, snapshot.values.get(uuid, []), images)
        elif kind == "image" and uuid in self.files:
            saved, place = snapshot.values.get(uuid, []), f"{location}.components.image"
            image_values.write(datablock, components["image"], self.files[uuid], saved, place)
        elif kind == "collection":
            if "render_visibility" in components:
                snapshot.values.get(uuid, []).append(collection_values.save(datablock))
                datablock.hide_render = not components["render_visibility"]["visible"]
            if kind in components:
                self._write_collection(uuid, datablock, components[kind], location, snapshot)
        elif kind == "action" and uuid in self.actions.wanted:
            action_write.prepare(datablock, self.actions.wanted[uuid])
        elif kind == "armature" and kind in components:
            self.rigs.write(uuid, components[kind], location, snapshot)
        elif kind in components and kind in VALUES:
            self._write_values(uuid, kind, components[kind], location, snapshot)
        if "animation" in components:
            self.actions.played[uuid] = components["animation"], f"{location}.components.animation"
        if "slots" in components:
            place = f"{location}.components.slots"
            uuid_of = lookup.reader().material_uuid
            resolve = partial(lookup.resolve, kind="material", location=place)
            slot_values.write(datablock, components["slots"], uuid_of, resolve)
        if "shape_values" in components:
            shape_keys.write_values(datablock, components["shape_values"], snapshot.values.get(uuid, []))
        if "locks" in components and kind != "material":
            lock_values.write(datablock, uuid, components["locks"])
        if "name" in components:
            names.write(datablock, components["name"])

    def _write_transform(self, item: bpy.types.Object, transform: dict) -> None:
        reader = self._lookup.reader()
        transforms.write(item, reader.synced_parent(item), transform, reader.unit, reader.frame(item))

    def _write_values(self, uuid: str, kind: str, component: dict, location: str, snapshot: Snapshot) -> None:
        """Writes a light or a camera. A new one needs no snapshot."""
        datablock = self._lookup.resolve(uuid, kind, location)
        saved, reader, values = snapshot.values.get(uuid, []), self._lookup.reader(), VALUES[kind]
        animated = reader.find_animated(datablock)
        if animated:
            still_values.take(datablock, {kind: component}, animated)
            present = values.peek(datablock, synced_scene(), reader.unit)
            component = still.shown(kind, component, present, animated)
        values.write(datablock, component, synced_scene(), reader.unit, saved)

    def _write_collection(
        self, uuid: str, collection: bpy.types.Collection, component: dict, location: str, snapshot: Snapshot
    ) -> None:
        reader, saved = self._lookup.reader(), snapshot.values.get(uuid, [])
        resolve = partial(self._lookup.resolve, kind="collection", location=f"{location}.components.collection")
        before = collection_values.read(collection, reader.scan.links, reader.unit)
        if not collection_values.write(collection, component, before, resolve, reader.unit, saved):
            self._unfinished.append((uuid, component, before, location))

    def finish_collections(self) -> None:
        """Links the collections again of which others were in the way, such as two that change places."""
        if self._unfinished:
            self.unused += instance_values.drop_unused()
        for uuid, component, before, location in self._unfinished:
            resolve = partial(self._lookup.resolve, kind="collection", location=location)
            collection = resolve(uuid)
            if not collection_values.write(collection, component, before, resolve, self._lookup.reader().unit, []):
                raise SyncError("VS-4005", f"{collection.name} can't be where it should", location)

    def clear_instance(self, change: dict, location: str, snapshot: Snapshot, is_forced: bool) -> bool:
        """Takes the instance from an object that will show another one, be elsewhere or go; from any if `is_forced`.

        Returns whether the object had one.

        Blender refuses circles; the links and the instances of a batch together are none.
        """
        lookup, uuid, components = self._lookup, change["uuid"], change.get("components", {})
        item = lookup.scan.objects.get(uuid)
        is_moved = change["op"] == "delete" or not components.keys().isdisjoint(("instance", "collections"))
        if item is None or not (is_moved or is_forced) or instance_values.shown(item) is None:
            return False
        present = lookup.reader().read_instance(item)
        wanted = components.get("instance", present)
        if instance_values.is_locked(item):
            if wanted != present:
                raise SyncError("VS-7003", f"{item.name} shows a collection that is linked", f"{location}.instance")
            return False
        if uuid not in snapshot.objects:
            snapshot.take(uuid, lookup.scan, lookup.layer, geometry=False)
            snapshot.relatives.add(uuid)
        if change["op"] != "delete":
            self._instances[uuid] = wanted["of"], f"{location}.instance"
        self.only_new = False
        instance_values.clear(item)
        return True

    def write_instances(self) -> Steps[None]:
        """Lets objects show their instances, once all links are written."""
        for uuid, (of, location) in self._instances.items():
            try:
                self._write_instance(uuid, of, location)
            except SyncError as error:
                if error.code != "VS-7005":  # the user has deleted one of them; the read-back says so
                    raise
            yield

    def _write_instance(self, uuid: str, of: str | None, location: str) -> None:
        lookup = self._lookup
        item = lookup.resolve(uuid, "object", location)
        collection = lookup.resolve(of, "collection", location)
        if lookup.reader().read_instance(item)["of"] != of and not instance_values.write(item, collection, of):
            raise SyncError("VS-4005", f"{item.name} would be in its own instance", location)

    def show_data(self, change: dict, location: str, snapshot: Snapshot) -> None:
        """Makes an object that is in the scene show the data of a change.

        If it begins or ceases to show a light or a camera, its transform and those of its children are written anew, so
        that the canonical ones stay.
        """
        lookup, uuid = self._lookup, change["uuid"]
        location = f"{location}.components.data"
        item = lookup.resolve(uuid, "object", location)
        data = lookup.resolve(change["components"]["data"]["uuid"], "data", location)
        kind = data_kinds.of_datablock(data)
        self.only_new = False
        if (kind is not None and kind.is_viewer) == data_kinds.is_viewer(item):
            self._set_data(uuid, item, data, location)
            return
        reader, before = lookup.reader(), {}
        for each in (uuid, *self._children_of(uuid)):
            member = lookup.resolve(each, "object", location)
            if each not in snapshot.objects:
                snapshot.take(each, lookup.scan, lookup.layer, geometry=False)
                snapshot.relatives.add(each)
            before[each] = reader.read_transform(member, reader.synced_parent(member))[0]
        self._set_data(uuid, item, data, location)
        for each, transform in before.items():
            self._write_transform(lookup.resolve(each, "object", location), transform)

    def _children_of(self, uuid: str) -> list[str]:
        """Returns the children of an object. They are looked for once, before the batch changes any parent."""
        if self._children is None:
            self._children = {}
            for child, item in self._lookup.scan.objects.items():
                above = self._lookup.identity.uuid_of(item.parent)
                if above:
                    self._children.setdefault(above, []).append(child)
        return self._children.get(uuid, [])

    def _set_data(self, uuid: str, item: bpy.types.Object, data: bpy.types.ID | None, location: str) -> None:
        """Makes the object show this data, with the same materials of its own."""
        own = self._lookup.reader().read_own(item)
        self._assign_data(uuid, item, data, location)
        if own["own"]:
            self._write_own(self._lookup.resolve(uuid, "object", location), own, location)

    def _assign_data(self, uuid: str, item: bpy.types.Object, data: bpy.types.ID | None, location: str) -> None:
        """Makes the object show this data. Blender fixes an object's type, so one of another is replaced with its
        uuid."""
        kind = data_kinds.of_datablock(data)
        if data and item.type == kind.object_type:
            if item.data != data:  # assigning the same data again costs a depsgraph update
                unit = self._lookup.reader().unit
                pose = pose_values.read(item, unit)
                item.data = data
                pose_values.write(item, pose, unit)
            return
        if data is None and data_kinds.of_object(item) is None:  # what it shows is not synchronized
            return
        if item.type != "EMPTY" and data_kinds.of_type(item.type) is None:
            raise SyncError("VS-4005", f"a {item.type.lower()} can't show a {kind.name}", location)
        if item.data and not is_local(item.data):
            raise SyncError("VS-7003", f"{item.data.name} is linked", location)
        if instance_values.is_locked(item):
            raise SyncError("VS-7003", f"{item.name} shows a collection that is linked", location)
        lookup = self._lookup
        replace_object(uuid, item, data, lookup.identity, lookup.scan, lookup.layer)

    def _set_visibility(self, item: bpy.types.Object, visible: bool) -> None:
        layer = self._lookup.layer
        if not visible:
            _hide(item, layer)
        else:
            if item.hide_viewport:
                item.hide_viewport = False
            if item.hide_get(view_layer=layer):
                item.hide_set(False, view_layer=layer)


def _hide(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> None:
    """Hides with the eye icon; with the monitor icon if the view layer does not contain the object."""
    try:
        if not item.hide_get(view_layer=layer):
            item.hide_set(True, view_layer=layer)
    except RuntimeError:
        item.hide_viewport = True
