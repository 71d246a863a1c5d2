# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads entities from Blender's own data: the components of objects, of what they show, and of collections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import bpy

from ..core import mesh as wire_mesh
from ..core import still
from ..core.actions import KeyedAction
from ..core.components import ABSENT
from ..core.frames import Frame
from ..core.pace import Steps, finish
from ..core.shapes import Shapes
from ..core.weights import Weights
from . import (
    action_read,
    animation_values,
    armature_values,
    camera_values,
    collection_values,
    data_kinds,
    guard,
    image_values,
    instance_values,
    light_values,
    lock_values,
    material_values,
    mesh_memory,
    mesh_read,
    names,
    pose_values,
    shape_keys,
    skin_values,
    slot_values,
    still_values,
    transforms,
    vertex_groups,
)
from .graph_port import GraphPort
from .identity import Identity, Scan, write_uuid
from .mesh_memory import MeshMemory

# kinds with a component of their name
VALUES = {"light": light_values, "camera": camera_values, "armature": armature_values}
BULK = frozenset({"mesh", "shapes", "weights", "image", "action", "shown"})  # components with buffers
QUICK = (*VALUES, "material", "collection")  # kinds that are read and written in one quick step


@dataclass
class Content:
    """The components of an entity in wire form and in replica form, with the buffers of a mesh in `attachments`.

    Those of its shape keys and vertex groups are in lists of their own. The file of an image is loaded only where it is
    sent: `load` puts it into the wire form.
    """

    wire: dict[str, dict]
    replica: dict[str, dict]
    attachments: list = field(default_factory=list)
    mesh: wire_mesh.Mesh | None = None
    load: Callable[[], dict] | None = None
    shapes: Shapes | None = None
    shape_attachments: list = field(default_factory=list)
    weights: Weights | None = None
    weight_attachments: list = field(default_factory=list)
    action: KeyedAction | None = None

    def attachments_of(self, component: str) -> list:
        """Returns the buffers of a component."""
        own = {"shapes": self.shape_attachments, "weights": self.weight_attachments}
        return own.get(component, self.attachments)


class Reader:
    """Reads entities through one view layer, for one tick."""

    def __init__(
        self,
        layer: bpy.types.ViewLayer,
        scan: Scan,
        unit: float,
        identity: Identity,
        graphs: GraphPort,
    ) -> None:
        self.layer = layer
        self.scan = scan
        self.unit = unit
        self._identity = identity
        self._graphs = graphs
        self.sheared: set[str] = set()  # uuids whose transform lost its shear
        self._setting: action_read.Setting | None = None

    def synced_parent(self, item: bpy.types.Object) -> bpy.types.Object | None:
        """Returns the parent, unless it is not synchronized (linked, or in another scene)."""
        parent = item.parent
        return parent if parent and self._identity.uuid_of(parent) in self.scan.objects else None

    def shown_data(self, item: bpy.types.Object) -> str | None:
        """Returns the uuid of the mesh, light, camera or armature that the object shows; assigns one to new data."""
        kind = data_kinds.of_object(item)
        if kind is None:
            return None
        uuid = self._identity.identify(item.data)
        self.scan.data[kind.name][uuid] = item.data
        if kind.name == "mesh":
            self._identity.users[uuid] = self._identity.uuid_of(item)
        return uuid

    def find_user(self, uuid: str) -> bpy.types.Object | None:
        """Returns an object that shows the mesh with this uuid; None if no object of the scene does."""
        users, mesh = self._identity.users, self.scan.meshes.get(uuid)
        for _ in range(2):
            item = self.scan.objects.get(users.get(uuid))
            if item is not None and item.data == mesh:
                return item
            if self.scan.has_users:
                return None
            self.scan.has_users = True  # looks at all objects once for all meshes
            for user, item in self.scan.objects.items():
                if item.type == "MESH":
                    users[self._identity.uuid_of(item.data)] = user
        return None

    def group_names(self, uuid: str, mesh: bpy.types.Mesh) -> list[str]:
        """Returns the names of the vertex groups of a mesh."""
        with vertex_groups.shown(mesh, self.find_user(uuid)) as item:
            return vertex_groups.names_of(item)

    def known_uuid(self, datablock: bpy.types.ID | None) -> str | None:
        """Returns the uuid of a datablock that has one already."""
        return self._identity.uuid_of(datablock)

    def material_uuid(self, material: bpy.types.Material | None) -> str | None:
        """Returns the uuid of a material in a slot; assigns one to a new material. None if it is not synchronized."""
        if not data_kinds.is_synced_material(material):
            return None
        uuid = self._identity.identify(material)
        found = self.scan.data["material"]
        if uuid not in found:
            found[uuid] = material
        return uuid

    def _collection_uuid(self, collection: bpy.types.Collection) -> str:
        """Returns the uuid of a collection that an object shows; assigns one to a new collection."""
        uuid = self._identity.identify(collection)
        found = self.scan.data["collection"]
        if uuid not in found:
            found[uuid] = collection
        return uuid

    def _action_uuid(self, action: bpy.types.Action) -> str:
        """Returns the uuid of an action that an entity plays; assigns one to a new action."""
        uuid = self._identity.identify(action)
        found = self.scan.data["action"]
        if uuid not in found:
            found[uuid] = action
        return uuid

    @property
    def setting(self) -> action_read.Setting:
        """Returns what decides how actions are read."""
        if self._setting is None:
            self._setting = action_read.Setting.of(self.layer.id_data, self.unit, self.synced_parent)
        return self._setting

    def read_action(self, uuid: str) -> Content:
        """Returns the content of an action."""
        action = self.scan.data["action"][uuid]
        write_uuid(action, uuid)
        component, small, attachments = action_read.read(action, self.setting), {"name": names.read(action)}, []
        wire = {**small, "action": component.pack(attachments)}
        return Content(wire, {**small, "action": component.digest()}, attachments, action=component)

    def find_animated(self, datablock: bpy.types.ID) -> still_values.Animated:
        """Returns the animated fields of an entity."""
        is_plain = True
        if isinstance(datablock, bpy.types.Object) and datablock.animation_data:
            is_plain = transforms.is_plain(datablock, self.synced_parent(datablock))
        return still_values.find_animated(datablock, is_plain)

    def forget_players(self) -> None:
        """Looks up anew what plays actions, because that has changed."""
        self._setting = None

    def keep_still(self, datablock: bpy.types.ID) -> None:
        """Keeps the present values of fields that are animated and were not."""
        uuid = self.known_uuid(datablock)
        if uuid is None:
            return
        if isinstance(datablock, bpy.types.Object):
            self.read_object(uuid, datablock)
        elif isinstance(datablock, bpy.types.Mesh):
            values = {"shape_values": shape_keys.read_values(datablock)}
            still_values.read(datablock, values, self.find_animated(datablock))
        else:
            self.read_values(uuid, data_kinds.of_datablock(datablock).name)

    def read_animation(self, datablock: bpy.types.ID) -> dict:
        """Returns the component `animation`."""
        return animation_values.read(datablock, self._action_uuid)

    @property
    def images(self) -> material_values.Images:
        """Returns how maps name images; a new image gets a uuid."""
        found = self.scan.data["image"]

        def uuid_of(image: bpy.types.Image) -> str:
            uuid = self._identity.identify(image)
            if uuid not in found:
                found[uuid] = image
            return uuid

        return material_values.Images(uuid_of, found.__contains__, found.__getitem__)

    def read_own(self, item: bpy.types.Object) -> dict:
        """Returns the component `materials` of an object."""
        return slot_values.read_own(item, self.material_uuid, self.scan.data["material"])

    def read_instance(self, item: bpy.types.Object) -> dict:
        """Returns the component `instance` of an object."""
        return instance_values.read(item, self._collection_uuid, self.scan.data["collection"])

    def read_skin(self, item: bpy.types.Object) -> dict:
        """Returns the component `skin` of an object."""
        return skin_values.read(item, self._identity.uuid_of, self.scan.objects)

    def synced_armature(self, item: bpy.types.Object) -> bpy.types.Object | None:
        """Returns the object of the armature that deforms this one, unless it is not synchronized."""
        armature = skin_values.shown(item)
        return armature if armature and self._identity.uuid_of(armature) in self.scan.objects else None

    def _own_locks(self, item: bpy.types.Object) -> dict[str, list[str]]:
        """Returns what Blender itself locks of an object."""
        locks = {}
        if instance_values.is_locked(item):  # it shows a collection of a library
            locks["instance"] = ["of"]
        if pose_values.is_locked(item):
            locks["pose"] = ["joints"]
        if skin_values.shown(item) is not None and self.synced_armature(item) is None:
            locks["skin"] = ["armature"]
        return locks

    def frame(self, item: bpy.types.Object) -> Frame:
        """Returns the axes that the object's transform is between."""
        return Frame(data_kinds.is_viewer(item), data_kinds.is_viewer(self.synced_parent(item)))

    def read_flags(self, item: bpy.types.Object) -> dict[str, dict]:
        """Returns the components that are cheap to read. Blender reports their changes without naming the object."""
        return {
            "name": names.read(item),
            "visibility": {"visible": not item.hide_viewport and not item.hide_get(view_layer=self.layer)},
            "guard": guard.read(item),
            "collections": self.scan.links.of_object(item.session_uid),
            "instance": self.read_instance(item),
            "render_visibility": {"visible": not item.hide_render},
        }

    def read_object(self, uuid: str, item: bpy.types.Object) -> dict[str, dict]:
        """Returns all components of an object."""
        write_uuid(item, uuid)
        parent = self.synced_parent(item)
        transform, sheared = self.read_transform(item, parent)
        if sheared:
            self.sheared.add(uuid)
        animated = self.find_animated(item)
        components = {
            **self.read_flags(item),
            "transform": transform,
            "parent": {"uuid": self._identity.uuid_of(parent)},
            "data": {"uuid": self.shown_data(item)},
            "nodes": self._graphs.read(item),
            "materials": self.read_own(item),
            "skin": self.read_skin(item),
            "pose": pose_values.read(item, self.unit),
            "animation": self.read_animation(item),
            "locks": lock_values.read(item, uuid, still.locks(animated) | self._own_locks(item)),
        }
        return still_values.read(item, components, animated)

    def read_transform(self, item: bpy.types.Object, parent: bpy.types.Object | None) -> tuple[dict, bool]:
        """Returns the canonical transform below the synchronized parent, and whether shear was lost."""
        frame = Frame(data_kinds.is_viewer(item), data_kinds.is_viewer(parent))
        return transforms.read(item, parent, self.unit, frame)

    def read_values(self, uuid: str, kind: str) -> dict[str, dict]:
        """Returns all components of a light, a camera, an armature, a material or a collection."""
        datablock = self.scan.data[kind][uuid]
        write_uuid(datablock, uuid)
        name = names.read(datablock)
        if kind == "material":
            return {"name": name, **material_values.read(datablock, uuid, self.images)}
        if kind == "collection":
            component = collection_values.read(datablock, self.scan.links, self.unit)
            return {"name": name, kind: component, "render_visibility": {"visible": not datablock.hide_render}}
        component = VALUES[kind].read(datablock, self.layer.id_data, self.unit)
        if kind == "armature":
            return {"name": name, kind: component}
        animated = self.find_animated(datablock)
        locks = lock_values.read(datablock, uuid, still.locks(animated))
        components = {"name": name, kind: component, "animation": self.read_animation(datablock), "locks": locks}
        return still_values.read(datablock, components, animated)

    def read_image(self, uuid: str) -> Content | None:
        """Returns the content of an image; None if its file cannot be read now."""
        image = self.scan.data["image"][uuid]
        write_uuid(image, uuid)
        component = image_values.read(image)
        if component is None:
            return None
        small = {"name": names.read(image)}
        content = Content({**small, "image": component}, {**small, "image": component})
        content.load = partial(image_values.read_wire, image, content.attachments)
        return content

    def read_mesh(self, mesh: bpy.types.Mesh) -> wire_mesh.Mesh:
        """Returns the canonical mesh in one step, including edits in Edit Mode."""
        if not mesh.is_editmode:
            return mesh_read.read(mesh, self.unit)
        edited = next(item for item in bpy.data.objects if item.data == mesh and item.mode == "EDIT")
        edited.update_from_editmode()
        copy = edited.to_mesh()  # in Edit Mode, Blender hides the layers of the mesh itself
        try:
            shape_keys.show_first(mesh, copy)
            return mesh_read.read(copy, self.unit)
        finally:
            edited.to_mesh_clear()


def small_content(components: dict[str, dict]) -> Content:
    """Returns the content of an entity that is no mesh, without optional components of default value."""
    return Content(_without_defaults(components), components)


def _without_defaults(components: dict[str, dict]) -> dict[str, dict]:
    return {name: value for name, value in components.items() if value != ABSENT.get(name)}


def read_mesh(
    uuid: str, now: Callable[[], Reader], memory: MeshMemory | None = None, recorded: dict | None = None
) -> Steps[Content | None]:
    """Reads a mesh in steps, None if it is gone. `now` returns the reader of the current tick.

    `memory`: keeps large meshes, so that the next read converts only what differs. `recorded`: the digest to compare
    with; the content gets the same if it has the same corners.
    """

    def find() -> bpy.types.Mesh | None:
        return now().scan.meshes.get(uuid)

    mesh = find()
    if mesh is None:
        return None
    if mesh.is_editmode:  # the read uses a temporary copy that lives for this step only
        known, content = None, now().read_mesh(mesh)
    else:
        write_uuid(mesh, uuid)
        known = yield from mesh_memory.read_steps(find, now().unit, memory.find(uuid) if memory else None)
        content = known and known.mesh
    mesh = find()
    if content is None or mesh is None:
        return None
    groups = now().group_names(uuid, mesh)
    edited = finish(vertex_groups.read(find, groups, content.index)) if mesh.is_editmode else None
    shapes = yield from shape_keys.read(mesh, content.index, now().unit)
    weights = edited or (yield from vertex_groups.read(find, groups, content.index))
    mesh = find()
    if mesh is None or weights is None:
        return None
    small = {
        "name": names.read(mesh),
        "slots": slot_values.read(mesh, now().material_uuid),
        "shape_values": shape_keys.read_values(mesh),
        "animation": now().read_animation(mesh),
    }
    small = still_values.read(mesh, small, now().find_animated(mesh))
    digests = yield from content.part_digests(known.digests if known else ())
    digest = content.combine(digests)
    if recorded and "sha256" in recorded and (yield from content.whole_digest_steps()) == recorded:
        digest = recorded  # an older version of the addon made it
    if memory and known:
        memory.keep(uuid, replace(known, digests=digests))
    return _pack(small, content, digest, shapes, weights)


def _pack(small: dict, mesh: wire_mesh.Mesh, digest: dict, shapes: Shapes, weights: Weights) -> Content:
    """Returns the content of a mesh, with all its bulk data."""
    known = {**small, "mesh": digest, "shapes": shapes.digest(), "weights": weights.digest()}
    content = Content(_without_defaults(small), known, mesh=mesh, shapes=shapes, weights=weights)
    content.wire["mesh"] = wire_mesh.pack(mesh, content.attachments)
    if shapes.keys:
        content.wire["shapes"] = shapes.pack(content.shape_attachments)
    if weights.groups:
        content.wire["weights"] = weights.pack(content.weight_attachments)
    return content


def read_entity(uuid: str, now: Callable[[], Reader]) -> Steps[Content | None]:
    """Reads an entity in steps; None if it is not in the scene."""
    kind = now().scan.kind(uuid)
    if kind == "object":
        item = now().scan.objects.get(uuid)
        return small_content(now().read_object(uuid, item)) if item else None
    if kind in QUICK:
        return small_content(now().read_values(uuid, kind))
    if kind == "image":
        return now().read_image(uuid)
    if kind == "action":
        return now().read_action(uuid)
    return (yield from read_mesh(uuid, now))


def read_now(uuid: str, reader: Reader) -> Content | None:
    """Does the same as `read_entity` in one step."""
    return finish(read_entity(uuid, lambda: reader))
