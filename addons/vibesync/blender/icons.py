# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the panel's status icons. Each has a shape of its own, to be readable without color."""

from __future__ import annotations

import math

import bpy.utils.previews

from ..core.view import GREEN, RED, YELLOW

SIZE = 32
_RADIUS = 14.0
_RING = 7.5
_BAR = 3.0
COLORS = {GREEN: (0.25, 0.75, 0.3), YELLOW: (0.95, 0.75, 0.1), RED: (0.9, 0.2, 0.2)}

_previews: bpy.utils.previews.ImagePreviewCollection | None = None


def pixels(color: str) -> list[float]:
    """Returns SIZE x SIZE pixels, premultiplied RGBA from 0 to 1: a disc, a ring (yellow), a disc with a bar (red)."""
    values: list[float] = []
    for row in range(SIZE):
        for column in range(SIZE):
            x, y = column + 0.5 - SIZE / 2, row + 0.5 - SIZE / 2
            alpha = _coverage(color, x, y)
            values.extend((*(channel * alpha for channel in COLORS[color]), alpha))
    return values


def _coverage(color: str, x: float, y: float) -> float:
    """Returns the fraction of a pixel that the icon covers; the point is relative to the center."""
    distance = math.hypot(x, y)
    inside = _RADIUS - distance
    if color == YELLOW:
        inside = min(inside, distance - _RING)
    if color == RED and abs(x) < _RADIUS * 0.7:
        inside = min(inside, abs(y) - _BAR)
    return min(max(inside + 0.5, 0.0), 1.0)


def identifier(color: str) -> int:
    """Returns the number that a layout takes as `icon_value`."""
    return _previews[color].icon_id if _previews else 0


def register() -> None:
    """Draws the icons."""
    global _previews
    _previews = bpy.utils.previews.new()
    for color in COLORS:
        preview = _previews.new(color)
        preview.icon_size = (SIZE, SIZE)
        preview.icon_pixels_float = pixels(color)


def unregister() -> None:
    """Frees the icons."""
    global _previews
    if _previews is not None:
        bpy.utils.previews.remove(_previews)
    _previews = None
