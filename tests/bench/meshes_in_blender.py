# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless Blender of the benchmarks, with glTF files as the peer and a brush stroke."""

from __future__ import annotations

import time

import bpy
import in_blender
import numpy as np
from in_blender import scenes

_STROKE_STEP = 0.25


class Driver(in_blender.Driver):
    """Adds the commands for one large mesh."""

    def export_gltf(self, side: int, path: str) -> dict:
        """Exports a grid with Blender's own exporter; leaves nothing in the scene."""
        bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
        self.grid(side=side)
        begin = time.perf_counter()
        bpy.ops.export_scene.gltf(filepath=path)
        took = time.perf_counter() - begin
        self._remove_all()
        return {"seconds": took}

    def import_gltf(self, path: str) -> dict:
        """Imports the file with Blender's own importer; leaves nothing in the scene."""
        begin = time.perf_counter()
        bpy.ops.import_scene.gltf(filepath=path)
        took = time.perf_counter() - begin
        self._remove_all()
        return {"seconds": took}

    def stroke(self, vertices: int) -> dict:
        """Moves neighboring vertices of the grid, as a brush does."""
        item = next(each for each in scenes.synced_scene().objects if each.type == "MESH")
        mesh = item.data
        side = int(len(mesh.vertices) ** 0.5)
        width = int(vertices**0.5)
        rows = (np.arange(width)[:, None] + side // 2) * side + np.arange(vertices // width) + side // 2
        at = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", at)
        at.reshape(-1, 3)[rows.reshape(-1), 2] += _STROKE_STEP
        mesh.vertices.foreach_set("co", at)
        mesh.update()
        bpy.context.view_layer.update()
        return {"vertices": rows.size}

    @staticmethod
    def _remove_all() -> None:
        bpy.data.batch_remove([*bpy.data.objects, *bpy.data.meshes, *bpy.data.materials])
        bpy.context.view_layer.update()


if __name__ == "__main__":
    in_blender.Driver = Driver
    in_blender.main()
