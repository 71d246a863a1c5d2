# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the daemon: the runtime folders, their discovery files, and the one that serves the open file's project."""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .handshake import parse_token
from .sync_error import SyncError

_MAX_FILE = 65_536
_MAX_FILES = 1_000
_PLACES = {
    # A program in a sandbox, as Blender of Flatpak, sees the home folder and nothing of /run.
    "unix": (("XDG_RUNTIME_DIR", "/vibesync"), ("HOME", "/.local/state/vibesync/run")),
    "macos": (("HOME", "/Library/Application Support/vibesync/run"),),
    "windows": (("LOCALAPPDATA", "\\vibesync\\run"),),
}


class Discovery(NamedTuple):
    """One running daemon, as described by its discovery file."""

    project_id: str
    project_root: str
    host: str
    port: int
    token_path: str


def runtime_folders(environment: Mapping[str, str], system: str) -> list[str]:
    """Returns the runtime folders. `system` is "unix", "macos" or "windows". Raises SyncError VS-6005 without any."""
    override = environment.get("VIBESYNC_RUNTIME_DIR")
    if override:
        return [override]
    places = [environment[name] + rest for name, rest in _PLACES[system] if environment.get(name)]
    if not places:
        names = " and ".join(name for name, _ in _PLACES[system])
        raise SyncError("VS-6005", f"{names}: not set, so there is no runtime folder", names)
    return places


def parse_discovery(text: str) -> Discovery:
    """Reads a discovery file and ignores unknown keys. Raises SyncError VS-6005 if the file is unusable."""
    try:
        data = json.loads(text)
        found = Discovery(*(data[key] for key in Discovery._fields))
        strings = all(isinstance(value, str) for value in (*found[:3], found.token_path))
        usable = strings and type(found.port) is int and 0 < found.port < 65_536 and data["schema_version"] == 1
        usable = usable and ipaddress.ip_address(found.host).is_loopback
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SyncError("VS-6005", f"the discovery file is unusable: {error!r}", "discovery file") from error
    if not usable:
        raise SyncError("VS-6005", "the discovery file is unusable", "discovery file")
    return found


def list_daemons(folders: Iterable[str]) -> list[Discovery]:
    """Returns one usable discovery file for each project; skips unusable and partial ones.

    The first folder wins, unless the token that it names can't be read and the one of another folder can.
    """
    daemons: dict[str, Discovery] = {}
    for path in _discovery_files(folders):
        try:
            with path.open(encoding="utf-8") as file:
                found = parse_discovery(file.read(_MAX_FILE))
        except (OSError, UnicodeDecodeError, SyncError):
            continue
        known = daemons.setdefault(found.project_id, found)
        if known is not found and not _has_token(known) and _has_token(found):
            daemons[found.project_id] = found
    return list(daemons.values())


def _discovery_files(folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(Path(folder).glob("*.json"))[:_MAX_FILES]


def _has_token(daemon: Discovery) -> bool:
    try:
        return bool(read_token(daemon.token_path))
    except SyncError:
        return False


def choose(daemons: Iterable[Discovery], project_id: str | None, file: str | None) -> Discovery:
    """Chooses the daemon by project id, else by folder, else the only one there is. Raises SyncError VS-6003."""
    daemons = list(daemons)
    if project_id:
        matches = [daemon for daemon in daemons if daemon.project_id == project_id]
        if not matches:
            raise SyncError("VS-6003", "no daemon runs for the project of this file", project_id)
        return matches[0]
    if file:
        holding = [daemon for daemon in daemons if _is_inside(daemon.project_root, file)]
        if holding:
            return max(holding, key=lambda daemon: len(daemon.project_root))
    if len(daemons) == 1:
        return daemons[0]
    reason = "several daemons run and none is for this file" if daemons else "no daemon runs"
    raise SyncError("VS-6003", reason, "runtime folder")


def _is_inside(root: str, file: str) -> bool:
    try:
        return os.path.commonpath([os.path.realpath(root), os.path.realpath(file)]) == os.path.realpath(root)
    except ValueError:  # different drives on Windows, or a relative path
        return False


def read_token(path: str) -> bytes:
    """Returns the 32 bytes of the token file. Raises SyncError VS-6005."""
    try:
        with open(path, encoding="ascii") as file:
            return parse_token(file.read(128))
    except (OSError, UnicodeDecodeError) as error:
        raise SyncError("VS-6005", f"the token file can't be read: {error}", path) from error
