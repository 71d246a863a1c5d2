# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators behind the panel's buttons."""

from __future__ import annotations

import getpass

import bpy

from ..core.check import is_uuid
from . import guard, handlers
from .identity import is_local


def _user() -> str:
    """Returns the name of the person at the computer."""
    try:
        return getpass.getuser()
    except (OSError, ImportError, KeyError):  # an account without a name
        return "somebody at Blender"


class _Operator:
    """Base of all operators: available only while the addon runs."""

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Returns whether the button can be pressed; called by Blender."""
        return handlers.bridge is not None


class VIBESYNC_OT_pause(_Operator, bpy.types.Operator):
    """Stop synchronizing until you resume; nothing in the scene changes"""

    bl_idname = "vibesync.pause"
    bl_label = "Pause"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.pause()
        return {"FINISHED"}


class VIBESYNC_OT_resume(_Operator, bpy.types.Operator):
    """Continue synchronizing and send your changes"""

    bl_idname = "vibesync.resume"
    bl_label = "Resume"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.resume()
        return {"FINISHED"}


class VIBESYNC_OT_resync(_Operator, bpy.types.Operator):
    """Compare everything with the daemon again"""

    bl_idname = "vibesync.resync"
    bl_label = "Resync"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.session.stop("resync")
        handlers.bridge.resume()
        return {"FINISHED"}


class VIBESYNC_OT_rebuild(_Operator, bpy.types.Operator):
    """Discard the damaged registry and create a new one; the scene is kept"""

    bl_idname = "vibesync.rebuild"
    bl_label = "Rebuild Registry"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.rebuild_registry()
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for confirmation first."""
        return context.window_manager.invoke_confirm(self, event)


class VIBESYNC_OT_join(_Operator, bpy.types.Operator):
    """Make this file one of the project; saving stores that in the file"""

    bl_idname = "vibesync.join"
    bl_label = "Join"

    project_id: bpy.props.StringProperty(options={"SKIP_SAVE"})
    folder: bpy.props.StringProperty(options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """Returns the tooltip; called by Blender."""
        return f"{cls.__doc__}: {properties.folder}"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        if not is_uuid(self.project_id):
            self.report({"ERROR"}, "project_id: not the id of a project")
            return {"CANCELLED"}
        handlers.bridge.join(self.project_id)
        return {"FINISHED"}


class VIBESYNC_OT_leave(_Operator, bpy.types.Operator):
    """Take this file out of its project; nothing in the scene changes, and saving stores that in the file"""

    bl_idname = "vibesync.leave"
    bl_label = "Leave Project"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.leave()
        return {"FINISHED"}


class VIBESYNC_OT_automation(_Operator, bpy.types.Operator):
    """End safe mode: agents and scripts may change the scene again"""

    bl_idname = "vibesync.automation"
    bl_label = "Turn On Automation"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.session.turn_on_automation(_user())
        return {"FINISHED"}


class VIBESYNC_OT_decide(_Operator, bpy.types.Operator):
    """Answer what the agent asks"""

    bl_idname = "vibesync.decide"
    bl_label = "Answer an Agent"
    bl_options = {"INTERNAL"}

    approval_id: bpy.props.StringProperty(options={"SKIP_SAVE"})
    allow: bpy.props.BoolProperty(options={"SKIP_SAVE"})
    remember: bpy.props.StringProperty(options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        if not handlers.bridge.agents.decide(self.approval_id, self.allow, self.remember, _user()):
            self.report({"WARNING"}, "nobody asks this any more")
            return {"CANCELLED"}
        return {"FINISHED"}


class VIBESYNC_OT_set_agent(_Operator, bpy.types.Operator):
    """Decide what this agent may do from now on"""

    bl_idname = "vibesync.set_agent"
    bl_label = "Set Rights of an Agent"
    bl_options = {"INTERNAL"}

    agent: bpy.props.StringProperty(options={"SKIP_SAVE"})
    mode: bpy.props.StringProperty(options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        if not handlers.bridge.agents.set_mode(self.agent, self.mode, _user()):
            self.report({"WARNING"}, "this agent is not known here")
            return {"CANCELLED"}
        return {"FINISHED"}


class VIBESYNC_OT_undo_agent(_Operator, bpy.types.Operator):
    """Take back what this agent did since this file was opened; what others have changed since stays"""

    bl_idname = "vibesync.undo_agent"
    bl_label = "Undo What an Agent Did"
    bl_options = {"INTERNAL"}

    agent: bpy.props.StringProperty(options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        if not handlers.bridge.agents.undo(self.agent, _user()):
            self.report({"WARNING"}, "this agent is not known here")
            return {"CANCELLED"}
        return {"FINISHED"}


class VIBESYNC_OT_keep_from_agents(_Operator, bpy.types.Operator):
    """Keep the selected objects and all below them from agents, or no longer if all of them are kept"""

    bl_idname = "vibesync.keep_from_agents"
    bl_label = "Keep from Agents"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        selected = [item for item in context.selected_objects if is_local(item)]
        if not selected:
            self.report({"WARNING"}, "select an object that belongs to this file")
            return {"CANCELLED"}
        is_kept = all(guard.read(item)["human_only"] for item in selected)
        for item in selected:
            guard.write(item, {"human_only": not is_kept})
            handlers.bridge.dirty_set.add(handlers.bridge.identity.uuid_of(item))
        return {"FINISHED"}


class VIBESYNC_OT_dismiss(_Operator, bpy.types.Operator):
    """Hide this problem; it is shown again if it happens again"""

    bl_idname = "vibesync.dismiss"
    bl_label = "Dismiss"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.last_error = handlers.bridge.session.last_error = None
        return {"FINISHED"}


class VIBESYNC_OT_stay_responsive(_Operator, bpy.types.Operator):
    """Do the present work in short steps, which takes longer and leaves Blender usable meanwhile"""

    bl_idname = "vibesync.stay_responsive"
    bl_label = "Stay Responsive"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Returns whether there is such work; called by Blender, also for each press of Esc."""
        return handlers.bridge is not None and handlers.bridge.has_long_slices

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        handlers.bridge.is_polite = True
        return {"FINISHED", "PASS_THROUGH"}  # Esc keeps its meaning


CLASSES = (
    VIBESYNC_OT_stay_responsive,
    VIBESYNC_OT_pause,
    VIBESYNC_OT_resume,
    VIBESYNC_OT_resync,
    VIBESYNC_OT_rebuild,
    VIBESYNC_OT_join,
    VIBESYNC_OT_leave,
    VIBESYNC_OT_automation,
    VIBESYNC_OT_decide,
    VIBESYNC_OT_set_agent,
    VIBESYNC_OT_undo_agent,
    VIBESYNC_OT_keep_from_agents,
    VIBESYNC_OT_dismiss,
)
