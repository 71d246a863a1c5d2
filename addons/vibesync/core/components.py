# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of components: which entities have each, how it is checked and compared, what a missing one means.

tests/golden/components.json has the list of all implementations.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from . import (
    actions,
    armatures,
    cameras,
    collection,
    images,
    lights,
    locks,
    maps,
    materials,
    shapes,
    shown,
    slots,
    transform,
    weights,
)
from .graph import schema
from .graph.numbers import same
from .sync_error import SyncError
from .uuid_text import is_uuid


def check_component(name: str, value: object, location: str) -> None:
    """Checks one component of a change. Raises SyncError at the location of the first fault."""
    kind = COMPONENTS.get(name)
    if kind is None:
        raise SyncError("VS-3004", f"unknown component {name}", location)
    if name != "name" and not isinstance(value, dict):
        raise SyncError("VS-1006", "not an object", location)
    kind.check(value, location)


def same_component(name: str, a: dict, b: dict) -> bool:
    """Returns whether two values of one component are equal. Meshes and images are given by their digests."""
    if a == b:  # by far the most frequent case, and much cheaper than the rest
        return True
    is_same = COMPONENTS[name].is_same
    return is_same is not None and is_same(a, b)


def _check_name(value: object, location: str) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise SyncError("VS-1006", "a name has 1 to 255 characters", location)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise SyncError("VS-1006", "a name has no control characters", location)


def _check_boolean(field: str) -> Callable[[dict, str], None]:
    def check(value: dict, location: str) -> None:
        if not isinstance(value.get(field), bool):
            raise SyncError("VS-1006", "not a boolean", f"{location}.{field}")

    return check


def _check_reference(field: str) -> Callable[[dict, str], None]:
    def check(value: dict, location: str) -> None:
        if value.get(field, 0) is not None and not is_uuid(value.get(field)):
            raise SyncError("VS-1006", "neither a uuid nor null", f"{location}.{field}")

    return check


def _check_nodes(value: dict, location: str) -> None:
    graph = value.get("graph", 0)
    if graph is None:
        return
    try:
        schema.check(graph)
    except SyncError as error:
        raise SyncError(error.code, error.message, f"{location}.graph.{error.location}") from error


def _leave_unchecked(_value: dict, _location: str) -> None:
    """Those with buffers are checked when they are unpacked; an evaluated mesh never arrives."""


@dataclass(frozen=True)
class ComponentKind:
    """One kind of component."""

    kinds: tuple[str, ...]  # the kinds of entities that have it
    check: Callable[[dict, str], None]
    is_same: Callable[[dict, dict], bool] | None = None  # compares values that are not identical; None: they differ
    absent: dict | None = None  # the value that an entity without it has; None: it must have one
    is_previewed: bool = False  # previews may carry it


KINDS = ("object", "mesh", "light", "camera", "armature", "material", "image", "collection", "action")
_OBJECT = ("object",)
COMPONENTS = {
    "name": ComponentKind(KINDS, _check_name),
    "transform": ComponentKind(_OBJECT, transform.check, transform.is_same, is_previewed=True),
    "visibility": ComponentKind(_OBJECT, _check_boolean("visible")),
    "parent": ComponentKind(_OBJECT, _check_reference("uuid")),
    "data": ComponentKind(_OBJECT, _check_reference("uuid")),
    "nodes": ComponentKind(_OBJECT, _check_nodes, same, absent={"graph": None}),
    "guard": ComponentKind(_OBJECT, _check_boolean("human_only"), absent={"human_only": False}),
    shown.NAME: ComponentKind(_OBJECT, _leave_unchecked, absent=shown.EMPTY),
    "materials": ComponentKind(_OBJECT, slots.check_own, absent={"own": {}}),
    "collections": ComponentKind(_OBJECT, collection.check_collections, absent=collection.SCENE_ALONE),
    "instance": ComponentKind(_OBJECT, collection.check_instance, absent=collection.NO_INSTANCE),
    "skin": ComponentKind(_OBJECT, _check_reference("armature"), absent={"armature": None}),
    "render_visibility": ComponentKind(("object", "collection"), _check_boolean("visible"), absent={"visible": True}),
    "collection": ComponentKind(("collection",), collection.check_collection, collection.is_same_collection),
    "mesh": ComponentKind(("mesh",), _leave_unchecked),
    "slots": ComponentKind(("mesh",), slots.check_slots, absent={"materials": []}),
    "shapes": ComponentKind(("mesh",), _leave_unchecked, absent=shapes.EMPTY),
    "shape_values": ComponentKind(("mesh",), shapes.check_values, shapes.is_same_values, absent=shapes.NO_VALUES),
    "weights": ComponentKind(("mesh",), _leave_unchecked, absent=weights.EMPTY),
    "light": ComponentKind(("light",), lights.check, lights.is_same, is_previewed=True),
    "camera": ComponentKind(("camera",), cameras.check, cameras.is_same, is_previewed=True),
    "armature": ComponentKind(("armature",), armatures.check, armatures.is_same),
    "pose": ComponentKind(_OBJECT, armatures.check_pose, armatures.is_same_pose, absent=armatures.NO_POSE),
    "pbr": ComponentKind(("material",), materials.check_pbr, materials.is_same_pbr, is_previewed=True),
    "emission": ComponentKind(("material",), materials.check_emission, materials.is_same_emission, is_previewed=True),
    "maps": ComponentKind(("material",), maps.check, maps.is_same, absent=maps.EMPTY),
    "image": ComponentKind(("image",), images.check),
    "action": ComponentKind(("action",), _leave_unchecked),
    "animation": ComponentKind(("object", "mesh", "light", "camera"), actions.check_animation, absent=actions.NOTHING),
    "locks": ComponentKind(("object", "light", "camera", "material"), locks.check, absent={}),
}
RECEIVED = tuple(name for name in COMPONENTS if name != shown.NAME)  # the daemon sends no others
PREVIEWED = frozenset(name for name, kind in COMPONENTS.items() if kind.is_previewed)
ABSENT = {name: kind.absent for name, kind in COMPONENTS.items() if kind.absent is not None}
