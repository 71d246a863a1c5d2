# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of collections, as a part of the storm."""

import contextlib
import sys
from pathlib import Path

import bpy
from conftest import update
from test_collections import new_collection
from vibesync.blender import scenes
from vibesync.core.components import same_component

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
import plain_collections

NAMES = ["Rock", "City", "City.001", "Würfel"]
MOST_COLLECTIONS = 8
COLORS = ("NONE", "COLOR_01", "COLOR_08")


class CollectionEdits:
    """The edits of a simulated user that concern collections."""

    weights = {"group": 6, "nest": 4, "edit_collection": 3, "ungroup": 2, "copy_collection": 3, "remote_collection": 5}

    @property
    def collections(self):
        return sorted(bpy.data.collections, key=lambda each: each.session_uid)

    def group(self):
        """Links an object to a collection, or takes it out of one; it stays in the scene."""
        item, root = self.any(), scenes.synced_scene().collection
        for collection in self.chance.sample([root, *self.collections], min(2, 1 + len(self.collections))):
            if item.name in collection.objects:
                tree = [each for each in (root, *root.children_recursive) if item.name in each.objects]
                if tree != [collection]:
                    collection.objects.unlink(item)
            else:
                collection.objects.link(item)

    def nest(self):
        """Makes a collection, or links one to another. Blender refuses circles."""
        root = scenes.synced_scene().collection
        if len(self.collections) < 2 or (len(self.collections) < MOST_COLLECTIONS and self.chance.random() < 0.5):
            made = bpy.data.collections.new(self.chance.choice(NAMES))
            self.chance.choice([root, *root.children]).children.link(made)
            return
        below, above = self.chance.choice(self.collections), self.chance.choice([root, *self.collections])
        with contextlib.suppress(RuntimeError):
            if below.name not in above.children:
                above.children.link(below)
            elif len([each for each in (root, *root.children_recursive) if below.name in each.children]) > 1:
                above.children.unlink(below)

    def edit_collection(self):
        if not self.collections:
            return "no collection"
        collection, number = self.chance.choice(self.collections), self.chance.random()
        if number < 0.3:
            collection.name = self.chance.choice(NAMES)
        elif number < 0.6:
            collection.color_tag = self.chance.choice(COLORS)
        elif number < 0.8:
            collection.hide_viewport = not collection.hide_viewport
        else:
            collection.instance_offset = [self.chance.uniform(-9, 9) for _ in range(3)]
        return None

    def ungroup(self):
        """Deletes a collection. Its content goes to the scene first, as Blender's operator does it."""
        if not self.collections:
            return "no collection"
        collection, root = self.chance.choice(self.collections), scenes.synced_scene().collection
        for kind in ("objects", "children"):
            for each in getattr(collection, kind):
                with contextlib.suppress(RuntimeError):
                    getattr(root, kind).link(each)
        bpy.data.collections.remove(collection)
        return None

    def copy_collection(self):
        if not self.collections:
            return "no collection"
        if len(self.collections) >= MOST_COLLECTIONS:
            self.ungroup()
        scenes.synced_scene().collection.children.link(self.chance.choice(self.collections).copy())
        return None

    def remote_collection(self):
        """Applies a batch of the other side: collections change their places, and objects theirs."""
        self.rest()
        entries = self.harness.bridge.replica.entries
        known = sorted(uuid for uuid, entry in entries.items() if entry.kind == "collection")
        changes = []
        if len(known) < MOST_COLLECTIONS:
            changes.append(new_collection(self.chance.choice(NAMES)))
            known.append(changes[0]["uuid"])
        # Those in front are never in those behind, so there is no circle.
        order = self.chance.sample(known, len(known))
        for at, uuid in enumerate(order):
            if uuid in entries:
                parents = sorted(self.chance.sample(order[:at], min(at, self.chance.randrange(3))))
                fields = {"parents": parents, "root": not parents, "color": self.chance.choice(("none", "blue"))}
                seen = entries[uuid].last_seen["collection"]
                changes.append(update(uuid, collection={**seen, **fields}))
            else:
                changes[0]["components"]["collection"].update(parents=order[:at][:1], root=not at)
        for item in self.chance.sample(self.items, min(3, len(self.items))):
            inside = sorted(self.chance.sample(known, min(len(known), self.chance.randrange(3))))
            changes.append(update(item["uuid"], collections={"in": inside, "root": not inside}))
        before = self.harness.intents()
        results, _ = self.harness.apply(*changes)
        for change, result in zip(changes, results, strict=True):
            assert result["status"] == "applied", result["error"]
            for name in change["components"].keys() & {"collection", "collections"}:
                read = result["state"]["components"].get(name, {"in": [], "root": True})
                wanted = change["components"][name]
                assert {**read, "offset": None} == {**wanted, "offset": None}, (change, result)
        self.harness.settle()
        assert self.harness.intents() == before, f"sent back: {self.harness.changes(before)} after {changes}"


def check_collections(scan, here, seed):
    """Checks what the addon has read of collections and links against a reader of its own."""
    scene = scenes.synced_scene()
    for uuid, collection in scan.data["collection"].items():
        shown = plain_collections.of_collection(collection, scene)
        assert uuid not in here or same_component("collection", shown, here[uuid]["collection"]), f"{seed}: {uuid}"
    for item in scene.objects:
        assert plain_collections.of_object(item, scene) == here[item["uuid"]]["collections"], f"{seed}: {item.name}"
