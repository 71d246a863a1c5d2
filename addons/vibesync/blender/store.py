# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores the registry twice: in a property of the scene in the .blend, and in the sidecar file next to it."""

from __future__ import annotations

import bpy

from ..core import registry, sidecar
from ..core.replica import Replica
from ..core.sync_error import SyncError
from .log import logger
from .scenes import synced_scene

_PROPERTY = "vibesync_registry"


def load() -> Replica:
    """Loads the replica of the open file, or an empty one. Raises SyncError VS-7001 if all copies are damaged."""
    in_file = synced_scene().get(_PROPERTY)
    beside = sidecar.read(sidecar.path_of(bpy.data.filepath)) if bpy.data.filepath else None
    replica, problems = registry.load(in_file if in_file is None else str(in_file), beside)
    for problem in problems:
        logger.error("%s; the sidecar is used instead", problem)
    return replica


def save_in_file(replica: Replica) -> None:
    """Writes the registry into the .blend, before a save."""
    synced_scene()[_PROPERTY] = registry.dump(replica)


def save_beside(replica: Replica, blend_path: str) -> None:
    """Writes the sidecar, after a save. Raises SyncError VS-7001 on failure; the .blend has the registry anyway."""
    try:
        sidecar.write(sidecar.path_of(blend_path), registry.dump(replica))
    except OSError as error:
        raise SyncError("VS-7001", f"the sidecar can't be written: {error}", blend_path) from error
