# SPDX-License-Identifier: GPL-3.0-or-later
"""Normals of a mesh's loops: as Blender shows them, or as they arrived where Blender stores them imprecisely.

Blender 4.2 to 4.4 store custom normals with 16 bits per angle and merge those within a degree around a vertex. There,
one attribute keeps the normals that arrived, another one the normals that Blender made of them. The first counts while
Blender still shows the second. After any change in Blender, the shown normals count.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from ..core.pace import Steps, parts
from . import layers

_EXACT = "vibesync_normal"
_MADE = "vibesync_normal_shown"
_VECTORS = ("FLOAT_VECTOR", "CORNER")
_TOLERANCE = 1e-6  # tolerance, because Blender recomputes shown normals now and then
COARSE_BLENDER = bpy.app.version < (4, 5, 0)


def read_steps(find: Callable[[], bpy.types.Mesh | None]) -> Steps[np.ndarray]:
    """Returns the normal of each loop, in Blender's axes."""
    mesh = find()
    shown = np.empty((len(mesh.loops), 3), np.float32)
    if len(shown):
        mesh.corner_normals.foreach_get("vector", shown.reshape(-1))
    yield
    mesh = find()
    exact, made = (_read_attribute(mesh, name, len(shown)) if mesh else None for name in (_EXACT, _MADE))
    if exact is None or made is None:
        return shown
    for part in parts(len(shown)):
        is_unchanged = (np.abs(shown[part] - made[part]) <= _TOLERANCE).all(axis=1)
        shown[part][is_unchanged] = exact[part][is_unchanged]
        yield
    return shown


def read_shared(find: Callable[[], bpy.types.Mesh | None]) -> Steps[tuple[np.ndarray, bool]]:
    """Returns the normals in Blender's axes: one a vertex if all loops of a vertex share one, else one a loop.

    The second value is whether they are per vertex. A smooth mesh has a sixth as many then, and Blender need not write
    them once for each loop.
    """
    mesh = find()
    if mesh.normals_domain != "POINT" or not len(mesh.polygons):
        return (yield from read_steps(find)), False
    shown = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertex_normals.foreach_get("vector", shown.reshape(-1))
    yield
    return shown, True


def _read_attribute(mesh: bpy.types.Mesh, name: str, count: int) -> np.ndarray | None:
    layer = layers.find(mesh, name, *_VECTORS) if COARSE_BLENDER else None
    if layer is None or len(layer.data) != count:
        return None
    values = np.empty((count, 3), np.float32)
    layer.data.foreach_get("vector", values.reshape(-1))
    return values


def write(mesh: bpy.types.Mesh, normals: np.ndarray) -> None:
    """Sets a custom normal for each loop."""
    if not COARSE_BLENDER:
        layers.ensure(mesh, "custom_normal", *_VECTORS).data.foreach_set("vector", normals.reshape(-1))
        mesh.update()
        return
    mesh.normals_split_custom_set(normals)
    made = np.empty(len(mesh.loops) * 3, np.float32)
    mesh.corner_normals.foreach_get("vector", made)
    layers.ensure(mesh, _EXACT, *_VECTORS).data.foreach_set("vector", normals.reshape(-1))
    layers.ensure(mesh, _MADE, *_VECTORS).data.foreach_set("vector", made)
