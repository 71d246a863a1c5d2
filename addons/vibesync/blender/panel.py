# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in the sidebar of the 3D view. It draws what core/view.py decides."""

from __future__ import annotations

import bpy

from ..core.agent_section import AnswerButton, UndoButton
from ..core.view import PanelState, View, make_view, wrap
from . import handlers, icons, log
from .bridge import Bridge

_PIXELS_PER_CHARACTER = 6.5
_MARGIN = 50  # pixels of a panel's width that Blender uses itself
_LOG_LINES = 8
_MOST_IN_A_ROW = 3  # more buttons stand below each other


def current_view(bridge: Bridge) -> View:
    """Returns the panel's content for the current state of the bridge."""
    progress = bridge.progress
    return make_view(
        PanelState(
            state=bridge.session.state,
            is_attached=bridge.is_attached,
            paused=bridge.paused,
            error=bridge.session.last_error or bridge.last_error,
            safe_mode=bridge.session.safe_mode,
            activity=bridge.activity.state(),
            unanswered=len(bridge.session.outbox),
            has_waiting_batch=bridge.batches.has_pending,
            sent=bridge.session.sent,
            applied=bridge.batches.applied,
            progress=(progress.what, round(progress.fraction, 2)) if progress else None,
            notices=tuple(notice.sentence for notice in bridge.notices.all),
            is_starting=bridge.session.is_starting,
            is_saved=bool(bpy.data.filepath),
            offers=tuple((offer.project_id, offer.project_root) for offer in bridge.projects.offers),
            can_leave=bridge.projects.can_leave,
            agents=bridge.agents.section,
            seconds_left=progress.seconds_left if progress else None,
            has_long_slices=bridge.has_long_slices,
        )
    )


def redraw() -> None:
    """Redraws the sidebars of all 3D views; Blender does that only on request."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def _write(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, **icon: str | int) -> None:
    """Draws a label in as many lines as necessary, with the icon before the first."""
    width = context.region.width / context.preferences.system.ui_scale - _MARGIN
    column = layout.column(align=True)
    column.scale_y = 0.8
    for line in wrap(text, int(width / _PIXELS_PER_CHARACTER)):
        column.label(text=line, **icon)
        icon = {"icon": "BLANK1"} if icon else {}


class _Panel:
    """Base of all panels: the tab in the sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "VibeSync"


class VIBESYNC_PT_state(_Panel, bpy.types.Panel):
    """State of VibeSync, the next step, and its buttons"""

    bl_label = "VibeSync"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Returns whether the panel is shown; called by Blender."""
        return handlers.bridge is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draws the panel; called by Blender."""
        shown = current_view(handlers.bridge)
        self.layout.label(text=shown.title, icon_value=icons.identifier(shown.color))
        if shown.advice:
            _write(self.layout, context, shown.advice)
        if shown.progress:
            what, fraction = shown.progress
            text = f"{what.capitalize()}: {fraction:.0%}" + (f", {shown.time_left}" if shown.time_left else "")
            self.layout.progress(text=text, factor=fraction)
        column = self.layout.column(align=True)
        for text in shown.counts:
            column.label(text=text)
        row = self.layout.row(align=True)
        for operator, label in shown.buttons:
            row.operator(operator, text=label)
        column = self.layout.column(align=True)
        for join in shown.joins:
            button = column.operator("vibesync.join", text=join.label)
            button.project_id, button.folder = join.project_id, join.folder
        if shown.can_leave:
            self.layout.operator("vibesync.leave")
        if shown.problem:
            box = self.layout.box()
            for text, icon in zip(shown.problem, ("ERROR", "INFO"), strict=False):
                _write(box, context, text, icon=icon)


class VIBESYNC_PT_agents(_Panel, bpy.types.Panel):
    """Agents, and what they ask you"""

    bl_label = "Agents"
    bl_parent_id = "VIBESYNC_PT_state"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Returns whether the panel is shown; called by Blender."""
        return handlers.bridge is not None and not handlers.bridge.agents.section.is_empty

    def draw(self, context: bpy.types.Context) -> None:
        """Draws the panel; called by Blender."""
        section = handlers.bridge.agents.section
        for question in section.questions:
            box = self.layout.box()
            _write(box, context, question.lines[0], icon="QUESTION")
            for line in question.lines[1:]:
                _write(box, context, line, icon="DOT")
            row = box.row(align=True) if len(question.buttons) <= _MOST_IN_A_ROW else box.column(align=True)
            for button in question.buttons:
                _draw_answer(row, button)
        for agent in section.agents:
            for line in agent.lines:
                _write(self.layout, context, line)
            row = self.layout.row(align=True)
            for button in agent.buttons:
                if isinstance(button, UndoButton):
                    self.layout.operator("vibesync.undo_agent", text=button.label).agent = button.agent
                else:
                    _draw_mode(row, button.label, button.agent, button.mode)
        for line in filter(None, (section.more, section.undone)):
            _write(self.layout, context, line)
        self.layout.operator("vibesync.keep_from_agents")


def _draw_answer(layout: bpy.types.UILayout, button: AnswerButton) -> None:
    if button.mode:
        _draw_mode(layout, button.label, button.agent, button.mode)
        return
    answer = layout.operator("vibesync.decide", text=button.label)
    answer.approval_id, answer.allow, answer.remember = button.approval_id, button.allow, button.remember


def _draw_mode(layout: bpy.types.UILayout, label: str, agent: str, mode: str) -> None:
    decision = layout.operator("vibesync.set_agent", text=label)
    decision.agent, decision.mode = agent, mode


class VIBESYNC_PT_notices(_Panel, bpy.types.Panel):
    """Content of this file that VibeSync does not synchronize"""

    bl_label = "Not Synchronized"
    bl_parent_id = "VIBESYNC_PT_state"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Returns whether the panel is shown; called by Blender."""
        return handlers.bridge is not None and bool(handlers.bridge.notices.all)

    def draw(self, context: bpy.types.Context) -> None:
        """Draws the panel; called by Blender."""
        for sentence in current_view(handlers.bridge).notices:
            _write(self.layout, context, sentence, icon="DOT")


class VIBESYNC_PT_log(_Panel, bpy.types.Panel):
    """The latest lines of the log"""

    bl_label = "Log"
    bl_parent_id = "VIBESYNC_PT_state"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draws the panel; called by Blender."""
        for line in list(log.recent)[-_LOG_LINES:]:
            _write(self.layout, context, line)


CLASSES = (VIBESYNC_PT_state, VIBESYNC_PT_agents, VIBESYNC_PT_notices, VIBESYNC_PT_log)
