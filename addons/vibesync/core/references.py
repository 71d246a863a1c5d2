# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets of references: materials, images, collections, armatures and actions. Each must exist before its users."""

from __future__ import annotations

from collections.abc import Iterator


def references(components: dict) -> Iterator[str]:
    """Yields the uuids of materials in slots and evaluated meshes, images in maps, collections around or shown, of
    actions, and of the object whose armature deforms."""
    if "slots" in components:
        yield from filter(None, components["slots"]["materials"])
    if "shown" in components:
        yield from filter(None, components["shown"].get("materials") or ())
    if "materials" in components:
        yield from filter(None, components["materials"]["own"].values())
    if "collections" in components:
        yield from components["collections"]["in"]
    if "instance" in components and components["instance"]["of"]:
        yield components["instance"]["of"]
    if "collection" in components:
        yield from components["collection"]["parents"]
    if "skin" in components and components["skin"]["armature"]:
        yield components["skin"]["armature"]
    if "animation" in components and components["animation"]["action"]:
        yield components["animation"]["action"]
    if "maps" in components:
        yield from (each["image"] for each in components["maps"].values() if each)
