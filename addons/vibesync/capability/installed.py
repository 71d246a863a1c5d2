# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-ons that Blender has: enabled ones from its preferences, others from the folders of add-ons."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import addon_utils
import bpy

from ..core.pace import Steps
from .discover import MANIFEST, Candidate

_MAX_FOLDERS = 1_000


class Installed:
    """Lists the folders of add-ons. Folders of add-ons that are not enabled are read again when their parent
    changes."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[int, list[str]]] = {}  # parent -> when it changed, folders with a manifest

    def candidates(self) -> Steps[list[Candidate]]:
        """Returns the folders that may hold a capability add-on, in steps; imports nothing."""
        enabled = []
        for name in [each.module for each in bpy.context.preferences.addons]:
            module = sys.modules.get(name)
            path = vars(module).get("__file__") if isinstance(module, ModuleType) else None
            if isinstance(path, str) and os.path.basename(path) == "__init__.py":
                enabled.append(Candidate(name, os.path.dirname(os.path.abspath(path)), True))
            yield
        known = {os.path.normcase(each.folder) for each in enabled}
        others = []
        for parent, prefix in self._parents():
            yield
            for folder in self._folders_in(parent):
                if os.path.normcase(folder) not in known:
                    others.append(Candidate(prefix + os.path.basename(folder), folder, False))
        return enabled + others[:_MAX_FOLDERS]

    def _parents(self) -> list[tuple[str, str]]:
        """Returns the folders that hold add-ons, and the beginning of their modules' names."""
        parents = [(path, "") for path in addon_utils.paths()]
        for repository in bpy.context.preferences.extensions.repos:
            if repository.enabled and repository.directory:
                parents.append((repository.directory, f"bl_ext.{repository.module}."))
        return [(os.path.abspath(path), prefix) for path, prefix in parents]

    def _folders_in(self, parent: str) -> list[str]:
        try:
            changed = os.stat(parent).st_mtime_ns
            known = self._folders.get(parent)
            if known and known[0] == changed:
                return known[1]
            with os.scandir(parent) as entries:
                names = [each.path for each in entries if os.path.lexists(os.path.join(each.path, MANIFEST))]
        except OSError:
            return []
        self._folders[parent] = (changed, sorted(names)[:_MAX_FOLDERS])
        return self._folders[parent][1]
