# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of an add-on's folder, made in steps: what a person allows is bound to it."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import NamedTuple

from ..core.pace import Steps
from ..core.sync_error import SyncError

MAX_FILES = 2_000
MAX_BYTES = 64 << 20
_CHUNK = 256 << 10
_ENTRIES = 64  # per step
_LEFT_OUT = "__pycache__"


class FileStamp(NamedTuple):
    """A file below a folder, and what tells that its content changed. `path` has `/` between its parts."""

    path: str
    size: int
    modified_ns: int
    changed_ns: int
    number: int


def list_files(folder: str) -> Steps[tuple[FileStamp, ...]]:
    """Returns the files below a folder, sorted by path; `__pycache__` is left out.

    Raises SyncError VS-9105 if there are too many, or if they are too large. The same goes for a link to a folder, a
    pipe or a device, because their content can change unnoticed.
    """
    found, waiting, seen, size = [], [""], 0, 0
    while waiting:
        start = waiting.pop()
        with os.scandir(os.path.join(folder, start)) as entries:
            for entry in entries:
                seen += 1
                path = f"{start}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != _LEFT_OUT:
                        waiting.append(f"{path}/")
                else:
                    found.append(_stamp(path, entry.stat()))
                    size += found[-1].size
                if len(found) > MAX_FILES or len(waiting) > MAX_FILES:
                    raise SyncError("VS-9105", f"the folder has more than {MAX_FILES} files", start)
                if size > MAX_BYTES:
                    raise SyncError("VS-9105", f"the folder has more than {MAX_BYTES >> 20} MiB", path)
                if seen % _ENTRIES == 0:
                    yield
    return tuple(sorted(found, key=lambda each: _bytes(each.path)))


def _stamp(path: str, found: os.stat_result) -> FileStamp:
    if not stat.S_ISREG(found.st_mode):
        raise SyncError("VS-9105", "neither a file nor a folder, so its content cannot be told", path)
    return FileStamp(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def hash_files(folder: str, files: tuple[FileStamp, ...]) -> Steps[dict[str, str]]:
    """Returns the SHA-256 of each file by path. Raises OSError, or SyncError VS-9105 if the files grow too large."""
    digests, left = {}, MAX_BYTES
    for each in files:
        digest = hashlib.sha256()
        with open_regular(os.path.join(folder, each.path)) as file:
            while part := file.read(_CHUNK):
                digest.update(part)
                left -= len(part)
                if left < 0:
                    raise SyncError("VS-9105", f"the folder has more than {MAX_BYTES >> 20} MiB", each.path)
                yield
        digests[each.path] = digest.hexdigest()
    return digests


def code_digest(digests: dict[str, str]) -> str:
    """Returns the digest of a folder: SHA-256 of each path, a zero byte, the digest of its file, and a line end."""
    whole = hashlib.sha256()
    for path in sorted(digests, key=_bytes):
        whole.update(_bytes(path) + b"\0" + digests[path].encode("ascii") + b"\n")
    return whole.hexdigest()


def open_regular(path: str):
    """Opens a regular file for reading, without waiting for a pipe. Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(f"no regular file: {path}")
    return file


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
