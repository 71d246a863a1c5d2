# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of shape keys, as a part of the storm."""

import numpy as np
from conftest import update
from vibesync.blender import mesh_read, shape_keys
from vibesync.core import shapes
from vibesync.core.pace import finish

NAMES = ["Open", "Basis", "Öffnen", "x" * 63]
MOST_KEYS = 4


def digest_shapes(components, attachments):
    """Replaces wire shape keys by their digest."""
    if "shapes" in components:
        components["shapes"] = shapes.unpack(components["shapes"], attachments, "sent").digest()


class ShapeEdits:
    """The edits of a simulated user that concern shape keys."""

    weights = {"add_key": 5, "sculpt_key": 5, "weigh": 6, "edit_key": 3, "remove_key": 2, "remote_keys": 5}

    @property
    def keyed(self):
        return [item for item in self.meshes if shape_keys.has_keys(item.data)]

    @property
    def unkeyed(self):
        """Returns objects whose modifiers Blender applies."""
        return [item for item in self.meshes if item.data.shape_keys is None]

    def any_key(self):
        """Returns an object with keys and one of them; none if there is no key."""
        if not self.keyed:
            return None, None
        item = self.chance.choice(self.keyed)
        return item, self.chance.choice(list(item.data.shape_keys.key_blocks)[1:])

    def add_key(self):
        for item in self.chance.sample(self.meshes, min(1, len(self.meshes))):
            if item.data.shape_keys is None:
                item.shape_key_add(name="Basis", from_mix=False)
            if len(item.data.shape_keys.key_blocks) <= MOST_KEYS:
                key = item.shape_key_add(name=self.chance.choice(NAMES), from_mix=False)
                key.relative_key = self.chance.choice(list(item.data.shape_keys.key_blocks)[:-1])

    def sculpt_key(self):
        item, key = self.any_key()
        if item is None:
            return "no key"
        key.data[self.chance.randrange(len(key.data))].co.z += self.chance.uniform(-1, 1)
        item.data.update()
        return None

    def weigh(self):
        item, key = self.any_key()
        if item is None:
            return "no key"
        key.value = self.chance.uniform(0, 1)
        return None

    def edit_key(self):
        item, key = self.any_key()
        if item is None:
            return "no key"
        number = self.chance.random()
        if number < 0.3:
            key.name = self.chance.choice(NAMES)
        elif number < 0.6:
            key.mute = not key.mute
        else:
            key.slider_max = self.chance.choice((1.0, 2.0, 10.0))
        return None

    def remove_key(self):
        item, key = self.any_key()
        if item is None:
            return "no key"
        if self.chance.random() < 0.3:
            item.shape_key_clear()
        else:
            item.shape_key_remove(key)
        return None

    def remote_keys(self):
        """Applies a batch of the other side: a mesh gets keys and weights, or loses all."""
        self.rest()
        if not self.meshes:
            return "no mesh"
        item = self.chance.choice(self.meshes)
        if any(each.modifiers for each in self.items if each.data == item.data):
            return "its evaluated mesh follows"
        if item.data.shape_keys and not item.data.shape_keys.use_relative:
            return "absolute keys"
        index = mesh_read.read(item.data, self.harness.bridge.unit()).index
        count = self.chance.randrange(3)
        keys = [shapes.Key(name, None, 0.0, 1.0) for name in self.chance.sample(NAMES, count)]
        delta = np.zeros((count, len(item.data.vertices), 3), np.float32)
        for row in range(count):
            delta[row, self.chance.choice(index)] = self.chance.choice((0.5, 1.0, -2.0))
        attachments = []
        wanted = shapes.Shapes(keys, index, delta)
        component = wanted.pack(attachments) if keys else shapes.EMPTY
        weights = {"values": {key.name: self.chance.choice((0.0, 0.5, 1.0)) for key in keys}}
        uuid, before = item.data["uuid"], self.harness.intents()
        change = update(uuid, shapes=component, shape_values=weights)
        results, _ = self.harness.apply(change, attachments=attachments)
        assert results[0]["status"] == "applied", results[0]["error"]
        self.harness.settle()
        back = self.sent_back(before, [change])
        assert not back, f"sent back: {back} after {change}"
        mesh = self.harness.find(uuid)
        index = mesh_read.read(mesh, self.harness.bridge.unit()).index
        read = finish(shape_keys.read(mesh, index, self.harness.bridge.unit()))
        assert finish(shapes.is_same(wanted, read))
        assert shapes.is_same_values(weights, shape_keys.read_values(mesh))
        return None
