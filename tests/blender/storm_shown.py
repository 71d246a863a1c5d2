# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of modifiers and texts, as a part of the storm."""

import bpy
from vibesync.blender import scenes, shown_values
from vibesync.core import mesh as wire_mesh
from vibesync.core.pace import finish
from vibesync.core.shown import EMPTY, NAME

KINDS = ("MIRROR", "ARRAY", "BEVEL", "SOLIDIFY", "ARMATURE")
MOST_MODIFIERS = 2
MOST_TEXTS = 3
LIMIT = 100_000  # triangles


def unpack_shown(components, attachments):
    """Replaces a wire evaluated mesh by its content."""
    if components.get(NAME, EMPTY)["mesh"]:
        mesh = wire_mesh.unpack(components[NAME]["mesh"], attachments, NAME)
        components[NAME] = {**components[NAME], "mesh": mesh}


class ShownEdits:
    """The edits of a simulated user that concern evaluated meshes."""

    weights = {"add_modifier": 6, "edit_modifier": 5, "remove_modifier": 4, "edit_text": 3}

    @property
    def modified(self):
        return [item for item in self.meshes if item.modifiers]

    def add_modifier(self):
        items = [item for item in self.meshes if len(item.modifiers) < MOST_MODIFIERS]
        if not items:
            return "no mesh"
        kind = self.chance.choice(KINDS)
        self.chance.choice(items).modifiers.new(kind, kind)
        return None

    def edit_modifier(self):
        if not self.modified:
            return "no modifier"
        modifier = self.chance.choice(list(self.chance.choice(self.modified).modifiers))
        if modifier.type == "ARRAY" and self.chance.random() < 0.5:
            modifier.count = self.chance.randrange(1, 4)
        elif modifier.type == "SOLIDIFY" and self.chance.random() < 0.5:
            modifier.thickness = self.chance.uniform(0.1, 1)
        else:
            modifier.show_viewport = not modifier.show_viewport
        return None

    def remove_modifier(self):
        if not self.modified:
            return "no modifier"
        item = self.chance.choice(self.modified)
        item.modifiers.remove(self.chance.choice(list(item.modifiers)))
        return None

    def edit_text(self):
        """Makes a text, or changes what it says."""
        texts = self.of_type("FONT")
        if len(texts) < MOST_TEXTS:
            item = bpy.data.objects.new("Text", bpy.data.curves.new("Text", "FONT"))
            scenes.synced_scene().collection.objects.link(item)
            texts = [item]
        self.chance.choice(texts).data.body = self.chance.choice(("", "a", "ij"))


def check_shown(harness, held, seed):
    """Checks that the daemon has the evaluated mesh of each visible object; that of a hidden one may be older."""
    bridge = harness.bridge
    depsgraph = bridge.layer().depsgraph
    for uuid, item in bridge.identity.scan().objects.items():
        if not item.visible_get(view_layer=bridge.layer()):
            continue
        mesh = materials = None
        if shown_values.is_generated(item):
            uuid_of = bridge.identity.uuid_of
            mesh, materials = finish(shown_values.read_steps(item, depsgraph, bridge.unit(), LIMIT, uuid_of))
        told = held[uuid].get(NAME, EMPTY)
        is_same = finish(wire_mesh.same_mesh(told["mesh"], mesh)) if told["mesh"] and mesh else told["mesh"] is mesh
        assert is_same and told["materials"] == (materials if mesh else None), f"seed {seed}: {uuid} {item.name}"
