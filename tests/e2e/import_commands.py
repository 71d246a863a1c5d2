# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of Blender's driver about what others made: scenes to import or append, and nodes of materials."""

from __future__ import annotations

import hashlib
import pathlib
import sys

import bpy
from vibesync.blender import scenes

sys.path.append(str(pathlib.Path(__file__).parents[1] / "truth"))
from tree_dump import describe_tree

# isort: split
import addon_utils  # bpy makes it available


class ImportCommands:
    """Each public method is one command."""

    def import_file(self, path: str) -> dict:
        """Import a scene; return how many objects and other parts have come."""
        before = _parts()
        _IMPORTERS[pathlib.Path(path).suffix.lower()](path)
        self.edited("Import")
        return {name: count - before[name] for name, count in _parts().items()}

    def mix_shader(self, uuid: str) -> dict:
        """Mix the shader of a material with another one, by a noise: VibeSync recognizes no such surface."""
        tree = self.scan().data["material"][uuid].node_tree
        end = tree.get_output_node("CYCLES").inputs["Surface"]
        mix, noise = tree.nodes.new("ShaderNodeMixShader"), tree.nodes.new("ShaderNodeTexNoise")
        tree.links.new(end.links[0].from_socket, mix.inputs[1])
        tree.links.new(noise.outputs[0], mix.inputs[0])
        tree.links.new(mix.outputs[0], end)
        return self.edited("Mix")

    def read_nodes(self, uuid: str) -> dict:
        """Return a digest of all that the nodes of a material hold."""
        tree = describe_tree(self.scan().data["material"][uuid])
        text = repr([sorted(value) if isinstance(value, set) else value for value in tree.values()])
        return {"digest": hashlib.sha256(text.encode()).hexdigest()}

    def told(self) -> dict:
        """Return the sentences that the panel shows."""
        return {"told": [notice.sentence for notice in self.bridge.notices.all]}


def _parts() -> dict[str, int]:
    items = list(scenes.synced_scene().objects)
    return {
        "objects": len(items),
        "skins": sum(each.type == "ARMATURE" for item in items for each in item.modifiers),
        "actions": len(bpy.data.actions),
        "images": sum(image.source in ("FILE", "GENERATED") for image in bpy.data.images),
        "shape keys": len(bpy.data.shape_keys),
    }


def _gltf(path: str) -> None:
    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=path)


def _fbx(path: str) -> None:
    addon_utils.enable("io_scene_fbx")
    bpy.ops.import_scene.fbx(filepath=path)


def _blend(path: str) -> None:
    """Append all objects of a file."""
    with bpy.data.libraries.load(path) as (source, wanted):
        wanted.objects = source.objects
    collection = scenes.synced_scene().collection
    for item in wanted.objects:
        collection.objects.link(item)


_IMPORTERS = {
    ".gltf": _gltf,
    ".glb": _gltf,
    ".fbx": _fbx,
    ".blend": _blend,
    ".obj": lambda path: bpy.ops.wm.obj_import(filepath=path),
}
