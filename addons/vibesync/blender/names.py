# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes display names. Blender makes names unique and cuts them at 63 bytes.

If Blender could not take a name, a property keeps Blender's name and the wanted one. The wanted name counts until a
person renames the datablock.
"""

from __future__ import annotations

import bpy

PROPERTY = "vibesync_name"


def read(datablock: bpy.types.ID) -> str:
    """Returns the name that the other editor uses."""
    saved = datablock.get(PROPERTY)
    if isinstance(saved, str):
        shown, _, wanted = saved.partition("\n")
        if wanted and shown == datablock.name:
            return wanted
    return datablock.name


def write(datablock: bpy.types.ID, wanted: str) -> None:
    """Names the datablock. Blender may add a suffix or cut the name."""
    if read(datablock) == wanted:
        return
    datablock.name = wanted
    if datablock.name != wanted:
        datablock[PROPERTY] = f"{datablock.name}\n{wanted}"
    elif PROPERTY in datablock:
        del datablock[PROPERTY]
