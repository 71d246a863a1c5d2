# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths in calls of agents: what a text may name, by its letters alone. Links are resolved by the caller.

The rules are those of `crates/capability/src/path.rs`; tests/golden/capability-paths.json keeps both equal. They are
the union of those of Linux, macOS and Windows, so that a path means the same file everywhere.
"""

from __future__ import annotations

import re

MAX_PATH = 1_024
MAX_PART = 255

_SEPARATOR = re.compile(r"[/\\]")
_REFUSED = re.compile(r"[~$%<>\"|?*`]")
# Characters that cannot be seen or that change the order of others, and halves of surrogate pairs.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_DRIVE = re.compile(r"[A-Za-z]:", re.ASCII)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])", re.ASCII)
_PRIVATE = (".vibesync", ".git_safety", ".git")


class PathRefused(ValueError):
    """The path is refused."""


def normalize_path(path: str, roots: tuple = ()) -> str:
    """Returns the path in one form: parts joined by `/`, without `.` and `..`; raises PathRefused.

    A relative path is below the project's folder. A path that begins with `//` is beside the open .blend file. An
    absolute one must be below one of the `roots`.
    """
    if not path or len(path) > MAX_PATH or _HIDDEN.search(path) or _REFUSED.search(path):
        raise PathRefused(path)
    start, rest = _split_start(path, roots)
    if ":" in rest:
        raise PathRefused(path)
    parts = []
    for part in _SEPARATOR.split(rest):
        if part == "..":
            if not parts:
                raise PathRefused(path)
            parts.pop()
        elif part not in ("", "."):
            _check_part(part)
            parts.append(part)
    if not parts:
        raise PathRefused(path)
    return start + "/".join(parts)


def _split_start(path, roots):
    """Splits a path into its start (nothing, `//`, or a root with `/`) and the rest, relative to the start."""
    if path.startswith("//"):
        if path[2:3] in ("/", "\\") and path[2:]:
            raise PathRefused(path)
        return "//", path[2:]
    if path.startswith(("\\\\", "/\\")):
        raise PathRefused(path)
    if not _DRIVE.match(path) and path[0] not in "/\\":
        return "", path
    for root in roots:
        rest = _below(path, root)
        if rest is not None:
            return root.replace("\\", "/").rstrip("/") + "/", rest
    raise PathRefused(path)


def _below(path, root):
    """Returns the rest of an absolute path below a root; a root with a drive ignores the case of ASCII letters."""
    has_drive = _DRIVE.match(root)
    if not has_drive and (not root.startswith("/") or path.startswith("\\")):
        return None
    rest = path
    for part in _SEPARATOR.split(root.rstrip("/\\")):
        pieces = _SEPARATOR.split(rest, maxsplit=1)
        if len(pieces) != 2:
            return None
        first, rest = pieces
        if first != part and not (has_drive and _ascii_lower(first) == _ascii_lower(part)):
            return None
    return rest


def _check_part(part):
    if len(part.encode("utf-8")) > MAX_PART or part.endswith((".", " ")):
        raise PathRefused(part)
    # Two letters become ASCII in file systems that ignore case: the long s and the sign of Kelvin.
    folded = _ascii_lower(part.replace("\u017f", "s").replace("\u212a", "k"))
    if folded in _PRIVATE or _DEVICE.fullmatch(folded.split(".")[0].rstrip()):
        raise PathRefused(part)


def _ascii_lower(text):
    return re.sub("[A-Z]", lambda match: match[0].lower(), text)
