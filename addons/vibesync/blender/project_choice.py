# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the daemon of the open file, and what the panel offers where the file belongs to no project."""

from __future__ import annotations

import os
import sys

import bpy

from ..core.discovery import Discovery, list_daemons, runtime_folders
from ..core.pick_project import pick_project
from ..core.sync_error import SyncError
from .settings import Settings

_SYSTEMS = {"win32": "windows", "darwin": "macos"}


class ProjectChoice:
    """The announced projects, as of the last attempt to connect."""

    def __init__(self) -> None:
        self.offers: tuple[Discovery, ...] = ()
        self.can_leave = False  # the id in the file chooses the project, and its folder would not

    def locate(self, project_id: str, settings: Settings) -> Discovery | None:
        """Returns the daemon of the open file, None if a person must choose. Raises SyncError VS-6003 without one."""
        system = _SYSTEMS.get(sys.platform, "unix")
        daemons = list_daemons(runtime_folders(os.environ, system))
        self.offers = tuple(daemons)
        # The preference is for new files alone: a file from elsewhere joins nothing by itself.
        file = bpy.data.filepath or settings.project_folder
        by_folder = pick_project(daemons, None, file, system, os.path.realpath)
        self.can_leave = bool(project_id) and (by_folder is None or by_folder.project_id != project_id)
        if not daemons:
            raise SyncError("VS-6003", "no daemon runs", "runtime folder")
        found = pick_project(daemons, project_id, file, system, os.path.realpath) if project_id else by_folder
        if found is None and project_id:
            raise SyncError("VS-6003", "no daemon runs for the project of this file", project_id)
        return found
