# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what an object looks like in the viewport: the evaluated mesh of modifiers, curves, texts and metaballs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bpy

from ..core import mesh as wire_mesh
from ..core import shown, slots
from ..core.pace import Steps, finish
from . import mesh_read, mesh_source

CURVES = frozenset({"CURVE", "SURFACE", "FONT", "META"})  # types of objects without a mesh of their own
_SHAPELESS = frozenset({"PARTICLE_SYSTEM", "COLLISION", "FLUID"})  # modifiers that leave the mesh as it is

UuidOf = Callable[[bpy.types.Material | None], str | None]


def is_generated(item: bpy.types.Object) -> bool:
    """Returns whether an object shows something else than its data."""
    if item.type in CURVES:
        return True
    return item.type == "MESH" and any(_modifiers(item)) and not has_armature(item)


def can_be_generated(item: bpy.types.Object) -> bool:
    """Returns whether an object shows something else than its data, or perhaps did so before its last modifier went."""
    return item.type in CURVES or item.type == "MESH"


def has_armature(item: bpy.types.Object) -> bool:
    """Returns whether an armature deforms the object: that must be no part of the mesh."""
    return item.parent_type == "ARMATURE" or any(each.type == "ARMATURE" for each in _modifiers(item))


def _modifiers(item: bpy.types.Object) -> Iterator[bpy.types.Modifier]:
    """Yields the modifiers that change what the viewport shows."""
    return (each for each in item.modifiers if each.show_viewport and each.type not in _SHAPELESS)


def read_steps(
    item: bpy.types.Object, depsgraph: bpy.types.Depsgraph, unit: float, limit: int, uuid_of: UuidOf
) -> Steps[tuple[wire_mesh.Mesh | None, list | None] | None]:
    """Reads the evaluated mesh of an object in steps; uses the object in the first one alone.

    Returns the mesh, None if the object shows no face and has no mesh of its own, and the materials of its slots, None
    for those of its data. Returns None if the mesh has more than `limit` triangles.
    """
    evaluated = item.evaluated_get(depsgraph)
    mesh = evaluated.to_mesh()
    try:
        if mesh is None or (item.type in CURVES and not len(mesh.polygons)):
            return None, None
        if len(mesh.loops) - 2 * len(mesh.polygons) > limit:
            return None
        materials = _read_materials(item, mesh, uuid_of)
        source = finish(mesh_source.read_steps(lambda: mesh, is_evaluated=True))
        conversion = mesh_read.convert(mesh, source, unit)
        next(conversion, None)  # The rest needs the arrays alone.
    finally:
        evaluated.to_mesh_clear()
    yield
    content, _ = yield from conversion
    return content, materials


def _read_materials(item: bpy.types.Object, mesh: bpy.types.Mesh, uuid_of: UuidOf) -> list | None:
    """Returns the materials of the slots; None if they are those of the data."""
    found = slots.without_end([uuid_of(material and material.original) for material in mesh.materials])
    own = slots.without_end([uuid_of(material) for material in item.data.materials]) if item.type == "MESH" else []
    return None if found == own else found


def as_component(mesh: wire_mesh.Mesh | None, materials: list | None, attachments: list) -> dict:
    """Returns the wire form, and appends the bytes of the buffers to `attachments`."""
    if mesh is None:
        return dict(shown.EMPTY)
    return {"mesh": wire_mesh.pack(mesh, attachments), "materials": materials}
