# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of Blender's driver that concern collections."""

from __future__ import annotations

import random

import bpy
import collection_edits
import plain_collections
import plain_scene
from vibesync.blender import scenes


class CollectionCommands:
    """A part of the driver, which has `item` and `edited`."""

    def group(self, uuid: str, names: list[str]) -> dict:
        """Move an object into a new collection in a new collection and so on, the outermost first."""
        root = scenes.synced_scene().collection
        inner = root
        for name in names:
            made = bpy.data.collections.new(name)
            inner.children.link(made)
            inner = made
        item = self.item(uuid)
        inner.objects.link(item)
        root.objects.unlink(item)
        return self.edited("Move to Collection")

    def remove_collection(self, name: str) -> dict:
        """Delete a collection with its links; its objects go to the scene."""
        collection = bpy.data.collections[name]
        for item in collection.objects:
            scenes.synced_scene().collection.objects.link(item)
        bpy.data.collections.remove(collection)
        return self.edited("Delete Collection")

    def read_collections(self, uuid: str) -> dict:
        """Returns the names of the collections around an object, from the outermost to its own."""
        trees = [(each,) for each in scenes.synced_scene().collection.children]
        found = []
        while trees:
            tree = trees.pop()
            trees += [(*tree, each) for each in tree[-1].children]
            if self.item(uuid).name in tree[-1].objects:
                found.append([each.name for each in tree])
        return {"paths": sorted(found), "in_scene": self.item(uuid).name in scenes.synced_scene().collection.objects}

    def edit_collections(self, uuid: str, seed: int) -> dict:
        """Make a random edit of collections and their instances, perhaps one that concerns this object."""
        collection_edits.any_edit(random.Random(seed), self.item(uuid))
        return self.edited("Edit Collections")

    def show_collection(self, uuid: str, name: str) -> dict:
        """Let an empty show an instance of a collection."""
        item = self.item(uuid)
        item.instance_type, item.instance_collection = "COLLECTION", bpy.data.collections[name]
        return self.edited("Instance")

    def hide_in_renders(self, uuid: str) -> dict:
        """Hide an object in renders."""
        self.item(uuid).hide_render = True
        return self.edited("Hide in Renders")

    def dump_collections(self) -> dict:
        """Returns the components of objects and collections that concern collections."""
        return {"entities": plain_collections.dump(plain_scene.scene())}
