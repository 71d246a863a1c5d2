# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of a call for a handler: checked again, with present names and real paths."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..core.argument_path import PathRefused, normalize_path
from ..core.arguments import check_arguments
from ..core.sync_error import SyncError
from .command import Command, Tool

_MOST_TOLD = 5


def make_arguments(
    command: Command,
    tool: Tool,
    object_name: Callable[[str], str | None],
    has_datablock: Callable[[str, str], bool],
    project_folder: str,
    file_folder: str,
) -> dict:
    """Returns the arguments for the handler. Raises SyncError VS-9103.

    `object_name` returns the present name of an entity by uuid. `has_datablock` looks for a local material or
    collection. `file_folder` is that of the open file, "" if it is not saved.
    """
    checked, mistakes = check_arguments(tool.parameters, command.params, command.folders)
    if mistakes:
        told = ", ".join(f"{path}: {rule}" for rule, path in mistakes[:_MOST_TOLD])
        raise SyncError("VS-9103", told, mistakes[0][1])
    for parameter in tool.parameters:
        name, kind = parameter["name"], parameter["type"]
        if name not in checked:
            continue
        place = f"params.{name}"
        if kind == "object_name":
            found = object_name(str(command.resolved.get(name)))
            if found is None:
                raise SyncError("VS-9103", "no object of the synchronized scene", place)
            checked[name] = found
        elif kind in ("material_name", "collection_name"):
            if not has_datablock(kind, checked[name]):
                raise SyncError("VS-9103", f"the file has no such {kind.removesuffix('_name')}", place)
        elif kind == "file_path":
            checked[name] = _real_path(checked[name], command.folders, project_folder, file_folder, place)
    return checked


def _real_path(path: str, folders: tuple[str, ...], project_folder: str, file_folder: str, place: str) -> str:
    """Returns the absolute path without links. It must stay below its folder."""
    if path.startswith("//"):
        base, rest = file_folder, path[2:]
    elif os.path.isabs(path):
        base = next((each for each in folders if _is_below(path, each)), "")
        rest = path
    else:
        base, rest = project_folder, path
    if not base:
        raise SyncError("VS-9103", "path: there is no folder for it", place)
    real_base = os.path.realpath(base)
    real = os.path.realpath(os.path.join(base, rest))
    if not _is_below(real, real_base):
        raise SyncError("VS-9103", "path: a link leads out of the folder", place)
    try:
        normalize_path(os.path.relpath(real, real_base).replace(os.sep, "/"))
    except PathRefused:
        raise SyncError("VS-9103", "path: a link leads to a private folder", place) from None
    return real


def _is_below(path: str, folder: str) -> bool:
    try:
        return os.path.normcase(os.path.commonpath([path, folder])) == os.path.normcase(os.path.abspath(folder))
    except ValueError:  # different drives
        return False
