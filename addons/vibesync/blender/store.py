# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores the registry twice: in a property of the scene in the .blend, and in the sidecar file next to it."""

from __future__ import annotations

import bpy

from ..core import registry, sidecar
from ..core.errors import SyncError
from ..core.registry import Registry
from .log import logger
from .scenes import synced_scene

_PROPERTY = "vibesync_registry"


def load() -> Registry:
    """Loads the replica of the open file, or an empty one. Raises SyncError VS-7001 if all copies are damaged."""
    in_file = synced_scene().get(_PROPERTY)
    beside = sidecar.read(sidecar.path_of(bpy.data.filepath)) if bpy.data.filepath else None
    found, problems = registry.load(in_file if in_file is None else str(in_file), beside)
    for problem in problems:
        logger.error("%s; the sidecar is used instead", problem)
    return found


def save_in_file(current: Registry) -> None:
    """Writes the registry into the .blend, before a save."""
    synced_scene()[_PROPERTY] = current.dump()


def save_beside(current: Registry, blend_path: str) -> None:
    """Writes the sidecar, after a save. Raises SyncError VS-7001 on failure; the .blend has the registry anyway."""
    try:
        sidecar.write(sidecar.path_of(blend_path), current.dump())
    except OSError as error:
        raise SyncError("VS-7001", f"the sidecar can't be written: {error}", blend_path) from error
