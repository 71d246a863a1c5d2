# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene as handlers see it: one undo step a call, its changes captured at once, and taken back on failure."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

import bpy

from ..blender import scenes
from ..blender.bridge import Bridge
from ..blender.draft import Draft
from ..blender.entity import Reader
from ..blender.identity import PROPERTY
from ..blender.undo import push_undo, undo_once
from ..core.notices import SENTENCES
from ..core.pace import Slice
from ..core.replica import ReplicaEntry
from ..core.sync_error import SyncError

MARK = "vibesync_call"  # on the scene while a call changes it: undo steps without it are older than the call
_MAX_UNDO = 64
_MOST_TOLD = 20
_JOBS = ("RENDER", "OBJECT_BAKE", "COMPOSITE")


class BlenderStage:
    """Blender's scene for the runner of calls."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._draft: Draft | None = None
        self._backup: dict[str, ReplicaEntry] = {}
        self._unsynced: dict[str, str] = {}  # sentence by kind
        self._counts: dict[str, int] = {}
        self._step_at = -1  # value of DirtySet.updates when the undo step before was made
        self._ran_at = -1  # the same when the code began
        self._end_at = -1  # the same at the end; -1: there is nothing to take back
        self._is_open = False
        self.is_left = False  # the last attempt to take changes back failed

    def obstacle(self, now: float) -> str | None:
        """Returns why no handler can run now; None if one can. A person's changes go out first, as theirs."""
        bridge = self._bridge
        if not bridge.session.is_live:
            return "not connected"
        if state := bridge.activity.blocking_state(now):
            return state
        if any(bpy.app.is_job_running(job) for job in _JOBS):
            return "rendering"
        if bridge.batches.has_pending:
            return "applying changes"
        if bridge.dirty_set.marks or bridge.capture.has_work or len(bridge.session.outbox):
            return "sending changes"
        return None

    def can_undo(self) -> bool:
        """Returns whether Blender keeps undo steps."""
        edit = bpy.context.preferences.edit
        return edit.use_global_undo and edit.undo_steps != 1 and bpy.ops.ed.undo_push.poll()

    def run(self, label: str, work: Callable[[], object]) -> object:
        """Begins an undo step, and runs code that may change the scene."""
        updates = self._bridge.dirty_set
        self._bridge.layer().update()
        if self._step_at != updates.updates or not self._is_open:
            _remove_marks()
            push_undo(f"Before {label}")
        scenes.synced_scene()[MARK] = True
        self._is_open, self._ran_at = True, updates.updates
        self._draft, self._end_at = None, -1
        self._unsynced.clear()
        self._counts = _count_others()
        with _view_3d():
            return work()

    def capture(self) -> bool:
        """Reads all changes of the code that ran; returns whether there are any. Raises SyncError VS-9110."""
        bridge = self._bridge
        _leave_modes()
        bridge.layer().update()
        dirty, whole = bridge.dirty_set, Slice()
        dirty.mark_structure()
        dirty.is_visibility_dirty = dirty.is_hidden_dirty = True
        self._backup = {uuid: _copied(entry) for uuid, entry in bridge.replica.entries.items()}
        bridge.unsynced.listener = self._record_unsynced
        try:
            reader = bridge.make_reader(whole)
            drafts = self._read(reader, whole)
        finally:
            bridge.unsynced.listener = None
        if len(drafts) > 1:
            self._restore_replica()
            raise SyncError("VS-9110", "a call may make at most 10,000 changes and 64 MiB")
        self._draft = drafts[0] if drafts else None
        if self._draft is None:
            self._step_at = dirty.updates
        return bool(drafts)

    def commit(self, label: str, request_id: str) -> str | None:
        """Ends the undo step and sends the captured changes; returns the operation, None without changes."""
        bridge, draft, self._draft = self._bridge, self._draft, None
        self._is_open = False
        if draft is None and bridge.dirty_set.updates == self._ran_at and not self.not_synced():
            _remove_marks()
            return None
        operation_id = None
        if draft is not None:
            try:
                operation_id = bridge.session.submit(
                    label, draft.changes, draft.attachments, draft.captured, request_id
                )
            except SyncError:
                self._is_open, self._draft = True, draft
                raise
        _remove_marks()
        push_undo(label)
        bridge.layer().update()
        self._end_at = bridge.dirty_set.updates
        return operation_id

    def take_back(self) -> bool:
        """Undoes what ran last, sent or not; returns whether that was possible. Later changes prevent it."""
        is_undone = self._take_back()
        self.is_left = not is_undone
        return is_undone

    def _take_back(self) -> bool:
        dirty = self._bridge.dirty_set
        if self._is_open:
            _leave_modes()
            if not self.can_undo():
                _remove_marks()
                self._is_open = False
                return False
            push_undo("Failed call")
        else:
            self._bridge.layer().update()
            if self._end_at != dirty.updates:
                return False
        self._restore_replica()
        self._is_open, self._end_at = False, -1
        return self._undo_marked_steps()

    def not_synced(self) -> list[str]:
        """Returns what the code made that is not synchronized."""
        made = {kind: count - self._counts.get(kind, 0) for kind, count in _count_others().items()}
        told = [f"{count} new {kind} stay in Blender." for kind, count in made.items() if count > 0]
        return [*self._unsynced.values(), *told][:_MOST_TOLD]

    def reset(self) -> None:
        """Forgets the call, because another file was opened."""
        self._draft, self._is_open, self._end_at, self._step_at = None, False, -1, -1
        self._backup.clear()

    def _read(self, reader: Reader, whole: Slice) -> list[Draft]:
        capture = self._bridge.capture
        capture.mark_structure_changes(reader.scan)
        capture.check_visibility(reader, whole)
        drafts = list(capture.make_drafts(reader, whole, time.monotonic()))
        return [draft for draft in drafts if draft.changes]

    def _record_unsynced(self, kind: str, name: str) -> None:
        self._unsynced.setdefault(kind, f"{SENTENCES[kind]} ({name})")

    def _restore_replica(self) -> None:
        """Forgets what the capture recorded, for the state that undo brings back."""
        entries = self._bridge.replica.entries
        if self._backup:
            for uuid in entries.keys() - self._backup.keys():
                del entries[uuid]
            entries.update(self._backup)
        self._backup = {}

    def _undo_marked_steps(self) -> bool:
        for _ in range(_MAX_UNDO):
            if not undo_once():
                break
            if not _has_mark():
                push_undo("Call taken back")  # so that redo does not bring the failed changes again
                return True
        _remove_marks()
        return False


def _count_others() -> dict[str, int]:
    """Returns the number of datablocks of each kind that is not synchronized."""
    data = bpy.data
    return {
        "materials": sum(PROPERTY not in each and not each.users for each in data.materials),
        "curves": len(data.curves),
        "armatures": len(data.armatures),
        "actions": len(data.actions),
        "images": len(data.images),
        "collections": len(data.collections),
    }


def _copied(entry: ReplicaEntry) -> ReplicaEntry:
    return replace(entry, confirmed=dict(entry.confirmed), last_seen=dict(entry.last_seen))


def _has_mark() -> bool:
    return any(MARK in scene for scene in bpy.data.scenes)


def _remove_marks() -> None:
    for scene in bpy.data.scenes:
        if MARK in scene and scene.library is None:
            del scene[MARK]


def _leave_modes() -> None:
    """Returns to Object Mode, where everything can be read and undone."""
    active = bpy.context.view_layer.objects.active if bpy.context.view_layer else None
    if active and active.mode != "OBJECT":
        with _view_3d(), contextlib.suppress(RuntimeError):
            bpy.ops.object.mode_set(mode="OBJECT")


def _view_3d() -> contextlib.AbstractContextManager:
    """Returns a context with a 3D view, if there is a window with one."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                region = next((each for each in area.regions if each.type == "WINDOW"), None)
                return bpy.context.temp_override(window=window, area=area, region=region)
    windows = bpy.context.window_manager.windows
    return bpy.context.temp_override(window=windows[0]) if windows else contextlib.nullcontext()
