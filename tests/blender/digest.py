# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes all data of a file that a graph build could change as text, so that two files can be compared."""

import bpy

_NOT_CONTENT = {"rna_type", "bl_rna", "is_evaluated", "tag", "users", "dimensions"}


def digest():
    """Returns all datablocks by name and session_uid, and all properties of node groups, objects and modifiers."""
    lines = []
    for rna in bpy.data.bl_rna.properties:
        if rna.type == "COLLECTION":
            for each in getattr(bpy.data, rna.identifier):
                lines.append(f"{rna.identifier} {each.name} {each.session_uid} {each.users} {custom(each)}")
    for group in bpy.data.node_groups:
        lines += _struct(f"group {group.session_uid}", group, 4)
    for item in bpy.data.objects:
        lines += _struct(f"object {item.session_uid}", item, 3)
        for modifier in item.modifiers:
            lines.append(f"object {item.session_uid} {modifier.name} {custom(modifier)}")
    for scene in bpy.data.scenes:
        lines.append(f"scene {scene.name} {sorted(each.name for each in scene.objects)} {scene.frame_current}")
    return "\n".join(lines)


def custom(owner):
    """Returns custom properties, which RNA does not list."""
    try:
        return {key: _text(owner[key]) for key in sorted(owner.keys())}
    except TypeError:  # this type has no custom properties
        return {}


def _struct(path, struct, depth):
    for rna in struct.bl_rna.properties:
        # Reading runtime properties of addons would create their data.
        if rna.identifier in _NOT_CONTENT or rna.is_runtime or (rna.type == "COLLECTION" and depth == 0):
            continue
        try:
            value = getattr(struct, rna.identifier)
        except AttributeError:
            continue
        where = f"{path}.{rna.identifier}"
        if rna.type == "COLLECTION":
            for position, each in enumerate(value):
                if isinstance(each, bpy.types.ID):
                    yield f"{where}[{position}] {each.name}"
                else:
                    yield f"{where}[{position}] {custom(each)}"
                    yield from _struct(f"{where}[{position}]", each, depth - 1)
        elif rna.type == "POINTER" and value is not None and not isinstance(value, bpy.types.ID):
            if depth > 0 and rna.identifier in ("interface", "default_value"):
                yield from _struct(where, value, depth - 1)
        else:
            yield f"{where} {_text(value)}"


def _text(value):
    if isinstance(value, bpy.types.bpy_struct):
        return getattr(value, "name", "")
    if hasattr(value, "to_dict"):
        return str(value.to_dict())
    if hasattr(value, "__len__") and not isinstance(value, str | bytes):
        return str([_text(part) for part in (sorted(value) if isinstance(value, set) else value)])
    return repr(value)
