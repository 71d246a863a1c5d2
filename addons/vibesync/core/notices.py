# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices about content that is not synchronized: logged once per kind and kept for the panel."""

from __future__ import annotations

from dataclasses import dataclass

MOST_COUNTED = 1_000

SENTENCES = {
    "shear": "Unity can't hold shear: a transform is sent without it.",
    "linked": "Linked data and library overrides are not synchronized.",
    "data": "Volumes and all else without a mesh arrive as empties.",
    "curves": "Unity shows curves, texts and metaballs as meshes. They are edited in Blender alone.",
    "light nodes": "Nodes of lights are not synchronized: Unity shows the color and power beside them.",
    "negative lights": "Unity has no lights of negative power: they arrive without light.",
    "panoramas": "Panoramic and custom cameras arrive with their focal length, as perspective ones.",
    "focus objects": "The object that a camera focuses on is not synchronized, only a focus distance.",
    "modifiers": "Unity shows meshes without their modifiers: Send What Modifiers Show is off in the preferences.",
    "armatures": "Unity shows meshes that an armature deforms without any modifiers.",
    "large evaluated meshes": "Unity shows this mesh without its modifiers, or not at all, because the result has more "
    "triangles than Largest Result in the preferences.",
    "textures": "Some images of materials go through nodes that are not synchronized: Unity shows the plain values.",
    "missing images": "The file of an image is missing: find it with File > External Data, or pack the image.",
    "missing libraries": "The file of a library is missing: what it holds is not shown. See File > External Data.",
    "paintings": "Large painted images are sent once they are saved (Image > Save).",
    "material nodes": "Unity can't change values of materials that nodes, drivers or animation decide.",
    "shaders": "Materials without a Principled BSDF arrive with the color of the viewport.",
    "foreign materials": "Materials of libraries and of strokes are not synchronized: their slots arrive empty.",
    "particles": "Hair and particles are not synchronized.",
    "animation": "Drivers, tracks of strips and curves of other properties are not synchronized.",
    "decided bones": "Unity can't pose bones that constraints, drivers or animation decide.",
    "absolute shape keys": "Absolute shape keys are not synchronized; the mesh without them is.",
    "shape key masks": "A shape key with a vertex group is sent as it looks, and changed in Blender alone.",
    "second armatures": "Only the first armature that deforms a mesh is synchronized.",
    "skin settings": "Masks, envelopes and preserved volume of Armature modifiers stay in Blender.",
    "colors": "Only the first color attribute is synchronized.",
    "uvs": "Only the first eight uv maps are synchronized.",
    "edges": "Edges without a face are not synchronized.",
    "instances": "Unity shows no instances of collections: they arrive as empties.",
    "vertex instances": "Instances on vertices and faces are not synchronized.",
    "scenes": "Only the scene that was open first is synchronized.",
}


@dataclass
class Notice:
    """One kind of unsupported content. `count` stops at MOST_COUNTED; `example` is the name of the first."""

    kind: str
    example: str
    count: int

    @property
    def sentence(self) -> str:
        """Returns the sentence for the panel."""
        rest = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"{SENTENCES[self.kind]} ({self.example}{rest})"


class Notices:
    """All notices since the file was opened."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {}

    def record(self, kind: str, uuid: str, name: str) -> bool:
        """Records one occurrence; returns True for the first of its kind."""
        first = kind not in self._names
        known = self._names.setdefault(kind, {})
        if len(known) < MOST_COUNTED:
            known.setdefault(uuid, name)
        return first

    def reset(self) -> None:
        """Clears all, because another file was opened."""
        self._names.clear()

    @property
    def all(self) -> list[Notice]:
        """Returns one notice per kind, in order of first occurrence."""
        return [Notice(kind, next(iter(names.values())), len(names)) for kind, names in self._names.items()]
