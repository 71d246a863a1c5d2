# SPDX-License-Identifier: GPL-3.0-or-later
"""The addon's preferences."""

from __future__ import annotations

import bpy

from .settings import Settings

_PACKAGE = __package__.rpartition(".")[0]


class VibeSyncPreferences(bpy.types.AddonPreferences):
    """Shown in Blender's preferences, below the addon."""

    bl_idname = _PACKAGE

    budget_ms: bpy.props.FloatProperty(
        name="Time per tick",
        description="Milliseconds that VibeSync may take of each tick (there are 50 a second) to look for changes",
        default=4.0,
        min=0.5,
        max=50.0,
    )
    auto_connect: bpy.props.BoolProperty(
        name="Connect by itself", description="Connect as soon as a daemon runs for the open file", default=True
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Blender calls this."""
        self.layout.prop(self, "auto_connect")
        self.layout.prop(self, "budget_ms")


def current() -> Settings:
    """The settings in force; the defaults when the addon runs from the source tree."""
    addon = bpy.context.preferences.addons.get(_PACKAGE)
    if addon is None or addon.preferences is None:
        return Settings()
    return Settings(addon.preferences.budget_ms / 1000.0, addon.preferences.auto_connect)
