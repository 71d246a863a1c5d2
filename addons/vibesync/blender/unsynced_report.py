# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports what of a scene is not synchronized: to the panel, and in the log the first time of each kind."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..core.notices import SENTENCES, Notices
from . import missing_files, scenes
from .identity import Scan
from .log import logger


class UnsyncedReport:
    """Collects unsupported content."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self.listener: Callable[[str, str], None] | None = None  # gets kind and name while a call is read

    def add(self, kind: str, uuid: str, name: str) -> None:
        """Adds one entity or datablock. `kind` is a key of `SENTENCES`."""
        if self.listener:
            self.listener(kind, name)
        if self._notices.record(kind, uuid, name):
            logger.warning("VS-7004: %s" if kind == "shear" else "%s", SENTENCES[kind] + f" ({name})")

    def add_scan(self, scan: Scan, scene: bpy.types.Scene) -> None:
        """Adds what a scan could not take: linked data and other scenes."""
        for uuid, name in scan.foreign.items():
            self.add("linked", uuid, name)
        for other in scenes.other_scenes(scene):
            self.add("scenes", other.name, other.name)

    def add_missing_files(self) -> None:
        """Adds the datablocks whose files are not there."""
        for kind, name in missing_files.find():
            self.add(kind, name, name)
