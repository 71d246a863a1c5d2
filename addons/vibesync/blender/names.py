# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: Blender makes them unique and cuts them at 63 bytes, so the wire's name may need a place of its own.

Where Blender could not take a name as it is, the property keeps both; it holds as long as nobody renames the datablock.
"""

from __future__ import annotations

import bpy

PROPERTY = "vibesync_name"


def read(datablock: bpy.types.ID) -> str:
    """The name as the other editor knows it."""
    kept = datablock.get(PROPERTY)
    if isinstance(kept, str):
        shown, _, wanted = kept.partition("\n")
        if wanted and shown == datablock.name:
            return wanted
    return datablock.name


def write(datablock: bpy.types.ID, wanted: str) -> None:
    """Give the datablock a name; Blender may show it with a suffix or cut."""
    if read(datablock) == wanted:
        return
    datablock.name = wanted
    if datablock.name != wanted:
        datablock[PROPERTY] = f"{datablock.name}\n{wanted}"
    elif PROPERTY in datablock:
        del datablock[PROPERTY]
