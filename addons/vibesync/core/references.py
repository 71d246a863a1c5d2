# SPDX-License-Identifier: GPL-3.0-or-later
"""The materials and the images that components name. They must exist before what names them."""

from __future__ import annotations

from collections.abc import Iterator


def references(components: dict) -> Iterator[str]:
    """Yields the uuids of the materials in slots and of the images in maps."""
    if "slots" in components:
        yield from filter(None, components["slots"]["materials"])
    if "materials" in components:
        yield from filter(None, components["materials"]["own"].values())
    if "maps" in components:
        yield from (each["image"] for each in components["maps"].values() if each)
