# SPDX-License-Identifier: GPL-3.0-or-later
"""The addon's preferences. A change takes effect immediately."""

from __future__ import annotations

import bpy

from . import handlers
from .settings import Settings

_PACKAGE = __package__.rpartition(".")[0]


def _changed(_preferences: bpy.types.AddonPreferences, _context: bpy.types.Context) -> None:
    if handlers.bridge is not None:
        handlers.bridge.settings = current()


class VibeSyncPreferences(bpy.types.AddonPreferences):
    """The addon's section in Blender's preferences."""

    bl_idname = _PACKAGE

    auto_connect: bpy.props.BoolProperty(
        name="Connect by Itself",
        description="Connect as soon as a daemon runs for the open file",
        default=True,
        update=_changed,
    )
    budget_ms: bpy.props.FloatProperty(
        name="Time per Tick",
        description="Milliseconds per tick that VibeSync may use to find, send and apply changes",
        default=Settings.budget * 1000.0,
        min=0.5,
        max=50.0,
        update=_changed,
    )
    budget_at_rest_ms: bpy.props.FloatProperty(
        name="Time per Tick at Rest",
        description="The same while you have touched neither mouse nor keyboard for a second",
        default=Settings.budget_at_rest * 1000.0,
        min=0.5,
        max=100.0,
        update=_changed,
    )
    project_folder: bpy.props.StringProperty(
        name="Project Folder",
        description="Project of new files until they are saved; empty: you are asked",
        subtype="DIR_PATH",
        update=_changed,
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Draws the preferences; called by Blender."""
        self.layout.use_property_split = True
        for name in ("auto_connect", "project_folder", "budget_ms", "budget_at_rest_ms"):
            self.layout.prop(self, name)


def current() -> Settings:
    """Returns the current settings; the defaults if the addon runs from the source tree."""
    addon = bpy.context.preferences.addons.get(_PACKAGE)
    if addon is None or addon.preferences is None:
        return Settings()
    chosen = addon.preferences
    folder = bpy.path.abspath(chosen.project_folder) if chosen.project_folder else ""
    return Settings(
        budget=chosen.budget_ms / 1000.0,
        budget_at_rest=chosen.budget_at_rest_ms / 1000.0,
        auto_connect=chosen.auto_connect,
        project_folder=folder,
    )
