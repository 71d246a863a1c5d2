# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports the user's current activity, and whether the scene may be changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from .dirty_set import DirtySet
from .identity import Identity
from .input_watch import holds_button, last_events

_IDLE_SECONDS = 0.3
_DRAG_SECONDS = 5.0  # a drag without a change ends after these.
_REST_SECONDS = 1.0  # without input, until long slices are allowed
_MOST_OBJECTS = 256  # the protocol's limit for the list in `editor_state`
# Modal operators that change the scene. Other ones (screencasts, navigation, some addons) may run forever.
_MANIPULATION = ("TRANSFORM_", "GIZMOGROUP_", "MESH_", "OBJECT_", "CURVE_", "ARMATURE_", "POSE_", "SCULPT_", "PAINT_")


class Activity:
    """The editor state for the protocol. A person always takes precedence over automation."""

    def __init__(self, identity: Identity, dirty_set: DirtySet) -> None:
        self._identity = identity
        self._dirty_set = dirty_set
        self.is_loading = False
        self.is_saving = False
        self._busy_until = 0.0
        self._busy_as = "modal"
        self._last_events: list[tuple] | None = None  # of mouse and keyboard
        self._last_input = 0.0
        self._drag_until = 0.0  # the person drags a number or a color; 0: no
        self._looks_once = False
        self._seen: tuple[str | None] | None = None  # what this tick has seen of the interaction

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Asks Blender for the interaction only once in this context: a person can't do anything meanwhile.

        Costs in a window grow with the number of windows, and each tick asks four times.
        """
        self._looks_once, self._seen = True, None
        try:
            yield
        finally:
            self._looks_once, self._seen = False, None

    def look_again(self) -> None:
        """Forgets what this tick has seen, because code of others ran."""
        self._seen = None

    def _interaction(self) -> str | None:
        if self._seen is not None:
            return self._seen[0]
        interaction = "modal" if _has_tool() or self._is_dragging(time.monotonic()) else _edit_mode()
        if self._looks_once:
            self._seen = (interaction,)
        return interaction

    def _is_dragging(self, now: float) -> bool:
        """Returns whether the person drags a number or a color: it changes while a mouse button is held.

        Blender runs no operator then. Asking for the button costs 0.1 ms in a window, so a change is needed first.
        """
        if is_background() or not (self._dirty_set.touched or self._drag_until):
            return False
        was_dragging = self._drag_until > 0.0
        if not holds_button(last_events(), was_dragging):
            self._drag_until = 0.0
        elif self._dirty_set.touched:
            self._drag_until = now + _DRAG_SECONDS
        return now < self._drag_until

    def state(self) -> str:
        """Returns the editor state as in section 5 of docs/protocol.md."""
        if self.is_loading:
            return "loading"
        if self.is_saving:
            return "saving"
        interaction = self._interaction()
        if interaction:
            return interaction
        return "background" if is_background() else "ready"

    def reported_state(self) -> str:
        """Returns the editor state to report to the daemon: a short rest after an edit still counts as activity."""
        return self.blocking_state(time.monotonic()) or self.state()

    def objects_in_use(self) -> list[str] | None:
        """Returns the uuids that a person works on: selected and active objects. None if these exceed the limit."""
        objects = bpy.context.view_layer.objects
        if len(objects.selected) > _MOST_OBJECTS:
            return None
        uuids = {self._identity.uuid_of(item) for item in (*objects.selected, objects.active)}
        return sorted(filter(None, uuids)) if len(uuids) <= _MOST_OBJECTS else None

    def record_edit(self, now: float) -> None:
        """Records a local change. Blender does not report that a number is typed, only the change itself."""
        self._last_input = now
        if not is_background():
            self._busy_until = now + _IDLE_SECONDS
            self._busy_as = "modal"

    def is_at_rest(self, now: float) -> bool:
        """Returns whether nobody has used Blender for a moment, so that long slices disturb nobody.

        Costs 0.1 ms in a window; for ticks that have much to do. The first call only remembers the last events.
        """
        if is_background():
            return True
        events = last_events()
        if events != self._last_events or self._interaction() == "modal":
            self._last_events, self._last_input = events, now
        return now - self._last_input >= _REST_SECONDS

    def blocking_state(self, now: float) -> str | None:
        """Returns None if the scene may be changed now, else the blocking state, which lingers for a moment."""
        state = self.state()
        if state in ("modal", "edit"):
            self._busy_until = now + _IDLE_SECONDS
            self._busy_as = state
        if state not in ("ready", "background"):
            return state
        return self._busy_as if now < self._busy_until else None


def is_background() -> bool:
    """Returns whether Blender runs without a window."""
    return bpy.app.background


def _has_tool() -> bool:
    """Returns whether a modal operator changes the scene."""
    windows = bpy.context.window_manager.windows
    return any(tool.bl_idname.startswith(_MANIPULATION) for window in windows for tool in window.modal_operators)


def _edit_mode() -> str | None:
    layer = bpy.context.view_layer
    active = layer.objects.active if layer else None
    return "edit" if active and active.mode != "OBJECT" else None


def describe_context() -> str:
    """Returns the environment that the addon runs in, for the log."""
    kind = "background" if bpy.app.background else "interactive"
    auto_save = bpy.context.preferences.filepaths.use_auto_save_temporary_files
    return f"{kind}, file {bpy.data.filepath or 'not saved'}, auto-save {'on' if auto_save else 'off'}"
