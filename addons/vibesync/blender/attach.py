# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user is doing right now, and whether the scene may be touched."""

from __future__ import annotations

import time

import bpy

from .identity import Identity

_IDLE_SECONDS = 0.3
_MOST_OBJECTS = 256  # that the protocol lets an editor list
# Modal operators that change the scene; others (screencasts, view navigation, some addons) may run for ever.
_MANIPULATION = ("TRANSFORM_", "GIZMOGROUP_", "MESH_", "OBJECT_", "CURVE_", "ARMATURE_", "POSE_", "SCULPT_", "PAINT_")


class Attention:
    """Tells the protocol's editor state. A person always beats automation."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self.loading = False
        self.saving = False
        self._busy_until = 0.0
        self._busy_as = "modal"

    def state(self) -> str:
        """The editor state as in section 5 of docs/protocol.md."""
        if self.loading:
            return "loading"
        if self.saving:
            return "saving"
        hands_on = _hands_on()
        if hands_on:
            return hands_on
        return "background" if bpy.app.background else "ready"

    def told_state(self) -> str:
        """The editor state as the daemon is to know it: a person who rests for a moment is still at work."""
        return self.may_apply(time.monotonic()) or self.state()

    def objects(self) -> list[str] | None:
        """The uuids of what a person at work has under their hands: what is selected, and what is active. None where
        these are too many to tell."""
        objects = bpy.context.view_layer.objects
        if len(objects.selected) > _MOST_OBJECTS:
            return None
        uuids = {self._identity.uuid_of(item) for item in (*objects.selected, objects.active)}
        return sorted(filter(None, uuids)) if len(uuids) <= _MOST_OBJECTS else None

    def edited(self, now: float) -> None:
        """Something was changed here. Blender tells nobody that a number is dragged or typed, but what it changes."""
        if not bpy.app.background:
            self._busy_until = now + _IDLE_SECONDS
            self._busy_as = "modal"

    def may_apply(self, now: float) -> str | None:
        """None when the scene may be changed now; else the state that forbids it (also for a moment after it ended)."""
        state = self.state()
        if state in ("modal", "edit"):
            self._busy_until = now + _IDLE_SECONDS
            self._busy_as = state
        if state not in ("ready", "background"):
            return state
        return self._busy_as if now < self._busy_until else None


def _hands_on() -> str | None:
    for window in bpy.context.window_manager.windows:
        if any(operator.bl_idname.startswith(_MANIPULATION) for operator in window.modal_operators):
            return "modal"
    layer = bpy.context.view_layer
    active = layer.objects.active if layer else None
    return "edit" if active and active.mode != "OBJECT" else None


def describe() -> str:
    """The context that the addon attaches to, for the log."""
    kind = "background" if bpy.app.background else "interactive"
    auto_save = bpy.context.preferences.filepaths.use_auto_save_temporary_files
    return f"{kind}, file {bpy.data.filepath or 'not saved'}, auto-save {'on' if auto_save else 'off'}"
