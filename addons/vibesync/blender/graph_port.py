# SPDX-License-Identifier: GPL-3.0-or-later
"""The port through which this package uses node graphs. The package `graph` implements it; the bridge receives it."""

from __future__ import annotations

from typing import Protocol

import bpy

from ..core.pace import Slice, Steps


class GraphPlacement(Protocol):
    """The graphs of one batch: built aside, then installed together. They can be rolled back until `commit`."""

    def make(self, item: bpy.types.Object, component: dict, location: str) -> Steps[None]:
        """Builds the component at `location` aside. Raises SyncError."""

    def install(self) -> None:
        """Installs all groups. Raises SyncError."""

    def roll_back(self) -> None:
        """Restores the state from before."""

    def commit(self) -> None:
        """Removes replaced groups. This is the last step, because it can't be undone."""


class GraphPort(Protocol):
    """The component `nodes` of objects."""

    def read(self, item: bpy.types.Object) -> dict:
        """Returns the component of an object."""

    def forget(self, group: bpy.types.NodeTree | None = None) -> None:
        """Drops the cached graph of a group that may have changed; without a group, drops all."""

    def modifier_of(self, item: bpy.types.Object) -> bpy.types.NodesModifier | None:
        """Returns the modifier whose graph is synchronized."""

    def begin(self, slice_: Slice) -> GraphPlacement:
        """Begins the graphs of one batch."""
