# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports files with Blender's own importer, and prints a JSON line for each: the entities as a plain reader finds them.

usage: python tests/gltf/in_blender.py FILE...
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
import bpy  # noqa: E402  (makes the module below importable)

import addon_utils  # noqa: E402, I001
import plain_scene  # noqa: E402  (found through the path set above)


def entities(file):
    """Returns the entities of a file. The importer keeps extras, so datablocks get the uuids in them."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=file)
    for kind in (bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.lights, bpy.data.cameras):
        seen = {}
        for datablock in kind:
            if "vibesync" in datablock:
                uuid = datablock["vibesync"]["uuid"]
                seen[uuid] = seen.get(uuid, -1) + 1
                # A mesh with other materials is another mesh in the file, and has the same uuid there.
                datablock["uuid"] = f"{uuid}#{seen[uuid]}" if seen[uuid] else uuid
    return plain_scene.dump()


for name in sys.argv[1:]:
    found = entities(name)
    print("\n@" + json.dumps({"file": name, "entities": found}), flush=True)
