# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of Blender's driver that concern characters: armatures, skins, shape keys and their materials."""

from __future__ import annotations

import random

import character_edits
import plain_characters
import plain_scene


class CharacterCommands:
    """A part of the driver, which has `item` and `edited`."""

    def edit_characters(self, uuid: str, seed: int, kind: str | None = None) -> dict:
        """Make a random edit of characters, or one of a kind, perhaps one that concerns this object."""
        character_edits.any_edit(random.Random(seed), self.item(uuid), kind)
        return self.edited("Edit Character")

    def dump_characters(self) -> dict:
        """Returns what entities hold of armatures, poses, skins and shape keys."""
        return {"entities": plain_characters.dump(plain_scene.scene())}
