# SPDX-License-Identifier: GPL-3.0-or-later
"""The addon's preferences. A change takes effect immediately."""

from __future__ import annotations

import bpy

from . import handlers
from .settings import Settings

_PACKAGE = __package__.rpartition(".")[0]
_SHOWN = ("auto_connect", "project_folder", "budget_ms", "budget_at_rest_ms", "sends_shown", "shown_triangles")


def _changed(_preferences: bpy.types.AddonPreferences, _context: bpy.types.Context) -> None:
    if handlers.bridge is not None:
        before, handlers.bridge.settings = handlers.bridge.settings, current()
        now = handlers.bridge.settings
        if (before.sends_shown, before.shown_triangles) != (now.sends_shown, now.shown_triangles):
            handlers.bridge.rebind()


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
    sends_shown: bpy.props.BoolProperty(
        name="Send What Modifiers Show",
        description="Unity shows the result of modifiers, and curves, texts and metaballs as meshes",
        default=Settings.sends_shown,
        update=_changed,
    )
    shown_triangles: bpy.props.IntProperty(
        name="Largest Result",
        description="Triangles of an object with its modifiers; Unity shows larger ones without them",
        default=Settings.shown_triangles,
        min=1,
        max=10_000_000,
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
        for name in _SHOWN:
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
        sends_shown=chosen.sends_shown,
        shown_triangles=chosen.shown_triangles,
    )
