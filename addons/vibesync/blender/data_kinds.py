# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of datablocks that are synchronized as entities: what objects show, materials, images,
collections and actions."""

from __future__ import annotations

from typing import NamedTuple

import bpy


class DataKind(NamedTuple):
    """One kind of entity that is no object."""

    name: str  # the kind of the entity
    object_type: str  # of the objects that show it; empty if none do
    type: type[bpy.types.ID]
    collection: str  # in bpy.data
    is_viewer: bool  # the objects that show it look along their own -Z, and keep their axes


KINDS = (
    DataKind("mesh", "MESH", bpy.types.Mesh, "meshes", False),
    DataKind("light", "LIGHT", bpy.types.Light, "lights", True),
    DataKind("camera", "CAMERA", bpy.types.Camera, "cameras", True),
    DataKind("armature", "ARMATURE", bpy.types.Armature, "armatures", False),
)
MATERIAL = DataKind("material", "", bpy.types.Material, "materials", False)
IMAGE = DataKind("image", "", bpy.types.Image, "images", False)
COLLECTION = DataKind("collection", "", bpy.types.Collection, "collections", False)
ACTION = DataKind("action", "", bpy.types.Action, "actions", False)
ALL = (ACTION, COLLECTION, IMAGE, MATERIAL, *KINDS)  # each after those that it refers to
TYPES = tuple(kind.type for kind in KINDS)
_BY_NAME = {kind.name: kind for kind in ALL}
_BY_OBJECT = {kind.object_type: kind for kind in KINDS}
_VIEWERS = {kind.object_type for kind in KINDS if kind.is_viewer}


def is_local(datablock: bpy.types.ID) -> bool:
    """Returns whether the datablock belongs to this file. Library data and overrides are never written."""
    return datablock.library is None and datablock.override_library is None


def by_name(name: str) -> DataKind | None:
    """Returns the kind of entities with this name; None for objects."""
    return _BY_NAME.get(name)


def of_object(item: bpy.types.Object) -> DataKind | None:
    """Returns the kind of the synchronized data that an object shows; None for an empty, and for data of libraries."""
    kind = _BY_OBJECT.get(item.type)
    return kind if kind and is_local(item.data) else None


def of_type(object_type: str) -> DataKind | None:
    """Returns the kind of data that objects of this type show, synchronized or not."""
    return _BY_OBJECT.get(object_type)


def is_synced_material(material: bpy.types.Material | None) -> bool:
    """Returns whether a material is synchronized if a slot shows it. Those of strokes and of libraries are not."""
    return material is not None and is_local(material) and not material.is_grease_pencil


def is_shown(name: str | None) -> bool:
    """Returns whether objects show entities of this kind."""
    return name is not None and bool(_BY_NAME[name].object_type)


def of_datablock(datablock: bpy.types.ID | None) -> DataKind | None:
    """Returns the kind of a datablock that objects show."""
    return next((kind for kind in KINDS if isinstance(datablock, kind.type)), None)


def has_animation(datablock: bpy.types.ID) -> bool:
    """Returns whether entities of this kind have the component `animation`."""
    return isinstance(datablock, (bpy.types.Object, *TYPES))


def is_viewer(item: bpy.types.Object | None) -> bool:
    """Returns whether an object shows a synchronized light or camera."""
    return item is not None and item.type in _VIEWERS and is_local(item.data)
