# SPDX-License-Identifier: GPL-3.0-or-later
"""Normals of a mesh's loops: those that Blender shows, exactly as they came where Blender holds them coarsely.

Blender 4.2 to 4.4 keep custom normals in 16 bits an angle. There the normals that arrived ride along in an attribute,
and count as long as what Blender shows is their rounding: an edit of a normal in Blender shows more than that.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from ..core.pace import Steps, parts
from . import layers

_EXACT = "vibesync_normal"
_VECTORS = ("FLOAT_VECTOR", "CORNER")
_COARSE = 5e-4
COARSE_BLENDER = bpy.app.version < (4, 5, 0)


def read_steps(find: Callable[[], bpy.types.Mesh | None]) -> Steps[np.ndarray]:
    """The normal of each loop, in Blender's axes."""
    mesh = find()
    shown = np.empty((len(mesh.loops), 3), np.float32)
    if len(shown):
        mesh.corner_normals.foreach_get("vector", shown.reshape(-1))
    yield
    mesh = find()
    layer = layers.find(mesh, _EXACT, *_VECTORS) if mesh and COARSE_BLENDER else None
    if layer is None or len(layer.data) != len(shown):
        return shown
    exact = np.empty_like(shown)
    layer.data.foreach_get("vector", exact.reshape(-1))
    for part in parts(len(shown)):
        same = (np.abs(shown[part] - exact[part]) <= _COARSE).all(axis=1)
        shown[part][same] = exact[part][same]
        yield
    return shown


def write(mesh: bpy.types.Mesh, normals: np.ndarray) -> None:
    """Give each loop a custom normal."""
    if COARSE_BLENDER:
        mesh.normals_split_custom_set(normals)
        layers.need(mesh, _EXACT, *_VECTORS).data.foreach_set("vector", normals.reshape(-1))
        return
    layers.need(mesh, "custom_normal", *_VECTORS).data.foreach_set("vector", normals.reshape(-1))
    mesh.update()
