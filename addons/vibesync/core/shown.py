# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `shown`: the evaluated mesh that an object shows in place of its data. Blender sends it, and never gets
it."""

from __future__ import annotations

NAME = "shown"
EMPTY = {"mesh": None, "materials": None}
UNKNOWN: dict = {}  # equal to no value, so that the daemon is told the present one


def holder(component: dict) -> dict | None:
    """Returns the part of a component with bulk data that has the buffers; None if it has none."""
    return component.get("mesh", component)
