# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the announced project of the open file; section 1 of docs/protocol.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .discovery import Discovery

_WINDOWS_ROOT = re.compile(r"(?:\\\\\?\\)?([A-Za-z]:)\\|(\\\\\?\\UNC\\|\\\\)(?!\?\\)", re.IGNORECASE)


def pick_project(
    daemons: Sequence[Discovery],
    project_id: str | None,
    file: str | None,
    system: str,
    resolve: Callable[[str], str],
) -> Discovery | None:
    """Returns the daemon that the file belongs to: the one whose id it stores, else the nearest root that holds it.

    None: the addon asks the person, also if there is just one daemon. `resolve` follows symbolic links; where it leads
    to another project, none is certain.
    """
    if project_id:
        return next((daemon for daemon in daemons if daemon.project_id == project_id), None)
    if not file:
        return None
    as_named = _nearest(daemons, file, system, str)
    resolved = _nearest(daemons, file, system, resolve)
    if as_named and resolved:
        return as_named if as_named == resolved else None
    return as_named or resolved


def _nearest(daemons: Sequence[Discovery], file: str, system: str, spelled: Callable[[str], str]) -> Discovery | None:
    parts = _parts(spelled(file), system)
    holding = []
    for daemon in daemons:
        root = _parts(spelled(daemon.project_root), system)
        if parts and root and parts[: len(root)] == root:
            holding.append((len(root), daemon))
    return max(holding, key=lambda found: found[0])[1] if holding else None


def _parts(path: str, system: str) -> list[str] | None:
    """Splits an absolute path; None for a relative path, and for one with "..", whose folder links could change."""
    if system == "windows":
        path = path.replace("/", "\\")
        match = _WINDOWS_ROOT.match(path)
        if not match:
            return None
        root = match[1].upper() if match[1] else "\\\\"
        names = ["".join(map(_folded, name)) for name in path[match.end() :].split("\\")]
    elif path.startswith("/"):
        root, names = "/", path.split("/")
    else:
        return None
    parts = [root, *(name for name in names if name not in ("", "."))]
    return None if ".." in parts else parts


def _folded(character: str) -> str:
    """Windows compares names in upper case, each character by itself."""
    upper = character.upper()
    return upper if len(upper) == 1 else character
