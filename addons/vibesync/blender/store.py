# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry in its two places: a property of the scene in the .blend, and the sidecar file next to it."""

from __future__ import annotations

import bpy

from ..core import registry, sidecar
from ..core.errors import SyncError
from ..core.registry import Registry
from .log import logger
from .scenes import synced_scene

_PROPERTY = "vibesync_registry"


def load() -> Registry:
    """The registry of the open file; a new one if it has none. Raises SyncError VS-7001 when all copies are damaged."""
    in_file = synced_scene().get(_PROPERTY)
    beside = sidecar.read(sidecar.path_of(bpy.data.filepath)) if bpy.data.filepath else None
    found, problems = registry.load(in_file if in_file is None else str(in_file), beside)
    for problem in problems:
        logger.error("%s; the sidecar is used instead", problem)
    return found


def save_in_file(current: Registry) -> None:
    """Before a save: put the registry into the .blend."""
    synced_scene()[_PROPERTY] = current.dump()


def save_beside(current: Registry, blend_path: str) -> None:
    """After a save: write the sidecar. Raises SyncError VS-7001 when that fails; the .blend has it all the same."""
    try:
        sidecar.write(sidecar.path_of(blend_path), current.dump())
    except OSError as error:
        raise SyncError("VS-7001", f"the sidecar can't be written: {error}", blend_path) from error
