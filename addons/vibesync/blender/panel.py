# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in the sidebar: state, last error and what to do about it, pause, resync."""

from __future__ import annotations

import bpy

from . import handlers, log


class VIBESYNC_OT_pause(bpy.types.Operator):
    """Stop synchronizing until you resume; nothing in the scene changes"""

    bl_idname = "vibesync.pause"
    bl_label = "Pause"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        handlers.bridge.pause()
        return {"FINISHED"}


class VIBESYNC_OT_resume(bpy.types.Operator):
    """Synchronize again; what changed meanwhile is sent"""

    bl_idname = "vibesync.resume"
    bl_label = "Resume"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        handlers.bridge.resume()
        return {"FINISHED"}


class VIBESYNC_OT_resync(bpy.types.Operator):
    """Compare everything with the daemon again"""

    bl_idname = "vibesync.resync"
    bl_label = "Resync"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        handlers.bridge.session.stop("resync")
        handlers.bridge.resume()
        return {"FINISHED"}


class VIBESYNC_OT_rebuild(bpy.types.Operator):
    """Give up the damaged registry and make a new one; the scene is kept"""

    bl_idname = "vibesync.rebuild"
    bl_label = "Rebuild Registry"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        handlers.bridge.rebuild_registry()
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)


class VIBESYNC_PT_state(bpy.types.Panel):
    """Where VibeSync stands."""

    bl_label = "VibeSync"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "VibeSync"

    def draw(self, _context: bpy.types.Context) -> None:
        """Blender calls this."""
        bridge = handlers.bridge
        if bridge is None:
            return
        column = self.layout.column()
        column.label(text=f"State: {'paused' if bridge.paused else bridge.session.state}")
        column.label(text=f"Sent {bridge.session.sent}, applied {bridge.answers.applied}")
        column.label(text=f"Waiting for the daemon: {len(bridge.session.outbox)}")
        error = bridge.session.last_error or bridge.last_error
        if error:
            box = self.layout.box()
            box.label(text=str(error["code"]), icon="ERROR")
            for line in (error["message"], error["help"]):
                box.label(text=str(line or ""))
        for line in list(log.recent)[-3:]:
            column.label(text=line)
        row = self.layout.row()
        row.operator(VIBESYNC_OT_resume.bl_idname if bridge.paused else VIBESYNC_OT_pause.bl_idname)
        row.operator(VIBESYNC_OT_resync.bl_idname)
        if bridge.paused and error and error["code"] == "VS-7001":
            self.layout.operator(VIBESYNC_OT_rebuild.bl_idname)


CLASSES = (VIBESYNC_OT_pause, VIBESYNC_OT_resume, VIBESYNC_OT_resync, VIBESYNC_OT_rebuild, VIBESYNC_PT_state)
