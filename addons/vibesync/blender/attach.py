# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user is doing right now, and whether the scene may be touched."""

from __future__ import annotations

import bpy

_IDLE_SECONDS = 0.3


class Attention:
    """Tells the protocol's editor state. A person always beats automation."""

    def __init__(self) -> None:
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
        if any(
            operator.bl_idname.startswith(("TRANSFORM_", "MESH_", "OBJECT_", "SCULPT_", "PAINT_", "VIEW3D_OT_move"))
            for operator in window.modal_operators
        ):
            return "modal"
    layer = bpy.context.view_layer
    active = layer.objects.active if layer else None
    return "edit" if active and active.mode != "OBJECT" else None
