# SPDX-License-Identifier: GPL-3.0-or-later
"""Handles Blender's events. Each handler only records the event; the next tick does the work.

Previews are put back at once before undo, a load and a save: the next tick would be too late.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import bpy

from ..core.sync_error import SyncError
from . import store
from .bridge import Bridge
from .log import logger

_MAX_DEPTH = 8

bridge: Bridge | None = None
_depth = 0
_path_being_saved = ""


def _guarded(handler: Callable) -> Callable:
    """Makes a handler persistent over file loads, limits its recursion, and keeps its exceptions inside."""

    @bpy.app.handlers.persistent
    @functools.wraps(handler)
    def guarded(*arguments) -> None:
        global _depth
        if bridge is None:
            return
        if _depth >= _MAX_DEPTH:
            logger.error("VS-4005: %s is nested %d deep and ignored", handler.__name__, _depth)
            return
        _depth += 1
        try:
            handler(bridge, *arguments)
        except SyncError as error:
            bridge.report(error)
        except Exception as error:  # Blender would print the exception on a console that nobody reads
            logger.exception("VS-4005: %s failed: %r", handler.__name__, error)
        finally:
            _depth -= 1

    return guarded


@_guarded
def depsgraph_update_post(active: Bridge, _scene, depsgraph=None) -> None:
    """Marks entities that Blender has evaluated again."""
    if depsgraph is not None:
        active.dirty_set.record_updates(depsgraph)


@_guarded
def frame_change_post(active: Bridge, _scene, depsgraph=None) -> None:
    """Marks entities that a change of the frame has evaluated again, unless the timeline plays or is rendered."""
    if depsgraph is not None and not _is_playing():
        active.dirty_set.record_frame_change(depsgraph)


def _is_playing() -> bool:
    windows = bpy.context.window_manager.windows
    return bpy.app.is_job_running("RENDER") or any(window.screen.is_animation_playing for window in windows)


@_guarded
def load_pre(active: Bridge, *_) -> None:
    """Stops the session until the other file is open."""
    active.previews.end_all()
    active.activity.is_loading = True
    active.identity.begin_generation()
    active.session.stop("another file is opened")


@_guarded
def load_post(active: Bridge, *_) -> None:
    """Takes up the file that was opened."""
    active.activity.is_loading = False
    active.open_file()


@_guarded
def load_post_fail(active: Bridge, *_) -> None:
    """Continues with the old file, because the other one could not be opened."""
    active.activity.is_loading = False
    active.session.start()


@_guarded
def undo_pre(active: Bridge, *_) -> None:
    """Rewinds a running batch before undo or redo: its changes so far have no undo step yet."""
    active.previews.end_all()
    active.identity.begin_generation()
    active.batches.restart()


@_guarded
def undo_post(active: Bridge, *_) -> None:
    """Compares everything after undo or redo: any datablock may have changed, and all references are stale."""
    active.rebind()


@_guarded
def save_pre(active: Bridge, path: str = "", *_) -> None:
    """Writes the registry into the .blend."""
    global _path_being_saved
    active.previews.end_all()
    active.activity.is_saving = True
    _path_being_saved = path if isinstance(path, str) else ""
    active.identity.restore_properties()
    active.identity.keep_unused(active.replica.entries)
    if not active.is_registry_damaged:
        store.save_in_file(active.replica)


@_guarded
def save_post(active: Bridge, *_) -> None:
    """Writes the sidecar next to the .blend."""
    active.activity.is_saving = False
    path = _path_being_saved or bpy.data.filepath
    if path and not active.is_registry_damaged:
        store.save_beside(active.replica, path)


@_guarded
def save_post_fail(active: Bridge, *_) -> None:
    """Leaves the sidecar alone, because nothing was saved."""
    active.activity.is_saving = False


_HANDLERS = (
    ("depsgraph_update_post", depsgraph_update_post),
    ("frame_change_post", frame_change_post),
    ("load_pre", load_pre),
    ("load_post", load_post),
    ("load_post_fail", load_post_fail),
    ("undo_pre", undo_pre),
    ("redo_pre", undo_pre),
    ("undo_post", undo_post),
    ("redo_post", undo_post),
    ("save_pre", save_pre),
    ("save_post", save_post),
    ("save_post_fail", save_post_fail),
)


def register(active: Bridge) -> None:
    """Registers all handlers for this bridge."""
    global bridge
    bridge = active
    for event, handler in _HANDLERS:
        getattr(bpy.app.handlers, event).append(handler)


def unregister() -> None:
    """Removes the addon's own handlers."""
    global bridge
    bridge = None
    for event, handler in _HANDLERS:
        listeners = getattr(bpy.app.handlers, event)
        if handler in listeners:
            listeners.remove(handler)
