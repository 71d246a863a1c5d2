# SPDX-License-Identifier: GPL-3.0-or-later
"""The bulk data of one entity in a batch, as the read-back compares it."""

from __future__ import annotations

from typing import NamedTuple

from ..core.actions import KeyedAction
from ..core.mesh import Mesh
from ..core.shapes import Shapes
from ..core.weights import Weights


class SentBulk(NamedTuple):
    """The bulk data of one entity in a batch."""

    mesh: Mesh | None
    file: bytes | None
    shapes: Shapes | None
    weights: Weights | None
    kept: Shapes | None  # the shape keys that the mesh had before it changed without them
    action: KeyedAction | None
