# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds images and libraries whose files are not there."""

from __future__ import annotations

import os
from collections.abc import Iterator

import bpy


def find() -> Iterator[tuple[str, str]]:
    """Yields the kind of the notice (core/notices.py) and the name of each datablock that lacks its file."""
    for library in bpy.data.libraries:
        if not (library.packed_file or os.path.isfile(bpy.path.abspath(library.filepath))):
            yield "missing libraries", library.name
    for image in bpy.data.images:
        if image.source == "FILE" and image.users and not (image.packed_file or image.is_dirty or _has_file(image)):
            yield "missing images", image.name


def _has_file(image: bpy.types.Image) -> bool:
    return os.path.isfile(bpy.path.abspath(image.filepath_raw, library=image.library))
