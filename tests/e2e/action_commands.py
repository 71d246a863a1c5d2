# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of Blender's driver that concern actions."""

from __future__ import annotations

from vibesync.blender import action_curves


class ActionCommands:
    """A part of the driver, which has `item` and `edited`."""

    def insert_keys(self, uuid: str, path: str, keys: list, of: str = "object") -> dict:
        """Insert keys of a property of an object, of its data, or of a shape key: each a frame with all its numbers."""
        item = self.item(uuid)
        owner = {"object": item, "data": item.data}.get(of) or item.data.shape_keys.key_blocks[of]
        for frame, numbers in keys:
            setattr(owner, path, numbers)
            owner.keyframe_insert(path, frame=frame)
        return self.edited("Insert Keyframe")

    def set_handles(self, uuid: str, path: str, index: int, handles: list) -> dict:
        """Set the handles before and behind each key of a curve."""
        curve = action_curves.played_slot(self.item(uuid).animation_data).find(path, index)
        for point, (left, right) in zip(curve.keyframe_points, handles, strict=True):
            point.handle_left_type = point.handle_right_type = "FREE"
            point.handle_left, point.handle_right = left, right
        curve.update()
        return self.edited("Move Keyframes")

    def read_curve(self, uuid: str, path: str, index: int) -> dict:
        """Return the keys of a curve, each with its handles."""
        animation = self.item(uuid).animation_data
        slot = action_curves.played_slot(animation) if animation else None
        curve = slot.find(path, index) if slot else None
        if curve is None:
            return {"keys": []}
        parts = [(point.co, point.handle_left, point.handle_right) for point in curve.keyframe_points]
        return {"keys": [[list(each) for each in part] for part in parts], "action": animation.action.name}
