# SPDX-License-Identifier: GPL-3.0-or-later
"""The addon's one key: Esc during long work makes its steps short. At other times Esc is left to Blender."""

from __future__ import annotations

import bpy

from .operators import VIBESYNC_OT_stay_responsive

_items: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def register() -> None:
    """Adds the key. In background mode there are no keys."""
    keys = bpy.context.window_manager.keyconfigs.addon
    if keys is not None:
        keymap = keys.keymaps.new(name="Window", space_type="EMPTY")
        _items.append((keymap, keymap.keymap_items.new(VIBESYNC_OT_stay_responsive.bl_idname, "ESC", "PRESS")))


def unregister() -> None:
    """Removes the key."""
    for keymap, item in _items:
        keymap.keymap_items.remove(item)
    _items.clear()
