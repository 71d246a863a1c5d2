# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidecar file next to the .blend. After a crash it holds the old or the new text, never a mixture."""

from __future__ import annotations

import os
import tempfile

from .sync_error import SyncError

_MAX_BYTES = 1024 * 1024 * 1024


def path_of(blend_path: str) -> str:
    """Returns the path of the sidecar of a .blend."""
    return blend_path + ".vibesync.json"


def read(path: str) -> str | None:
    """Returns the sidecar's text, None without a sidecar. Raises SyncError VS-7001 if it can't be read."""
    try:
        if os.path.getsize(path) > _MAX_BYTES:
            raise SyncError("VS-7001", "the sidecar is larger than 1 GiB", path)
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return ""  # damaged: the parser reports it with its code
    except OSError as error:
        raise SyncError("VS-7001", f"the sidecar can't be read: {error}", path) from error


def write(path: str, text: str) -> None:
    """Writes, flushes, syncs and renames; syncs the folder where the system can. Raises OSError."""
    folder = os.path.dirname(path) or "."
    handle, temporary = tempfile.mkstemp(prefix=".vibesync-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    if hasattr(os, "O_DIRECTORY"):  # Windows can't open folders
        folder_handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder_handle)
        finally:
            os.close(folder_handle)
