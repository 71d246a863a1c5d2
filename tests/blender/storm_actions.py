# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of keys and of the frame, as a part of the storm."""

import bpy
import numpy as np
from conftest import update
from vibesync.blender import action_curves
from vibesync.core import actions
from vibesync.core.pace import Slice

PATHS = ["location", "scale", "rotation_euler", "rotation_quaternion"]
INTERPOLATIONS = ["CONSTANT", "LINEAR", "BEZIER", "BOUNCE", "SINE"]


def digest_action(components, attachments):
    """Replaces a wire action by its digest."""
    if "action" in components and "sha256" not in components["action"]:
        components["action"] = actions.unpack(components["action"], attachments, "sent").digest()


class ActionEdits:
    """The edits of a simulated user that concern actions."""

    weights = {"insert_key": 8, "edit_key_of_curve": 8, "remove_animation": 2, "play": 8, "remote_action": 4}

    @property
    def animated(self):
        return [item for item in self.items if item.animation_data and item.animation_data.action]

    def insert_key(self):
        if not self.items:
            return "no object"
        item = self.chance.choice(self.items)
        item.keyframe_insert(self.chance.choice(PATHS), frame=self.chance.randrange(1, 40))
        return None

    def any_curve(self):
        """Returns a curve with keys; none if there is none."""
        curves = [each for item in self.animated for each in action_curves.all_curves(item.animation_data.action)]
        curves = [each for each in curves if len(each.keyframe_points)]
        return self.chance.choice(curves) if curves else None

    def edit_key_of_curve(self):
        curve = self.any_curve()
        if curve is None:
            return "no key"
        point, number = self.chance.choice(list(curve.keyframe_points)), self.chance.random()
        if number < 0.3:
            point.co.y += self.chance.uniform(-2, 2)
        elif number < 0.5:
            point.co.x += self.chance.choice((-3, 0.5, 7))
        elif number < 0.7:
            point.interpolation = self.chance.choice(INTERPOLATIONS)
        elif number < 0.85:
            curve.extrapolation = self.chance.choice(("CONSTANT", "LINEAR"))
        elif len(curve.keyframe_points) > 1:
            curve.keyframe_points.remove(point)
        curve.update()
        return None

    def remove_animation(self):
        if not self.animated:
            return "no animation"
        item = self.chance.choice(self.animated)
        if self.chance.random() < 0.5:
            item.animation_data_clear()
        else:
            bpy.data.actions.remove(item.animation_data.action)
        return None

    def play(self):
        """Shows another frame, which is no edit."""
        self.rest()
        before = self.harness.intents()
        bpy.context.scene.frame_set(self.chance.randrange(1, 40))
        for item in self.items:
            item.update_tag()
        bpy.context.view_layer.update()
        self.harness.settle()
        back = self.sent_back(before, ())
        assert not back, f"sent: {back}"

    def remote_action(self):
        """Applies a batch of the other side: the free channels of an action get other values."""
        self.rest()
        if not self.animated:
            return "no animation"
        action = self.chance.choice(self.animated).animation_data.action
        uuid, reader = action["uuid"], self.harness.bridge.make_reader(Slice())
        wanted = reader.read_action(uuid).action
        for slot in wanted.slots:
            for channel in slot.channels:
                if not channel.is_locked:
                    channel.numbers = channel.numbers + np.float32(0.25) * np.array([0, 1] * 3, np.float32)
        attachments: list = []
        component = wanted.pack(attachments)
        before = self.harness.intents()
        change = update(uuid, action=component)
        results, _ = self.harness.apply(change, attachments=[bytes(each) for each in attachments])
        assert results[0]["status"] == "applied", results[0]["error"]
        self.harness.settle()
        back = self.sent_back(before, [change])
        assert not back, f"sent back: {back}"
        assert self.harness.bridge.make_reader(Slice()).read_action(uuid).action.is_same(wanted)
        return None
