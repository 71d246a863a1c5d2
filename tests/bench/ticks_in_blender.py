# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless Blender of the benchmarks, with a recorder of its ticks, as if a person used mouse or keyboard."""

from __future__ import annotations

import in_blender
from in_blender import handlers
from tick_recorder import Recorder
from vibesync.blender import timer


class Driver(in_blender.Driver):
    """Adds the commands for recorded ticks."""

    def __init__(self) -> None:
        super().__init__()
        recorder = self._recorder = Recorder()
        self.watch.tick = lambda: recorder.tick(self._poll)

    def _poll(self) -> None:
        self.watch.pause = timer.poll()

    def hands(self, on: bool) -> dict:
        """Tells the addon that a person touches mouse or keyboard all the time, or no longer."""
        activity = handlers.bridge.activity
        if on:
            activity.is_at_rest = lambda _now: False
        elif "is_at_rest" in vars(activity):
            del activity.is_at_rest
        return {}

    def recorded(self) -> dict:
        """Returns the ticks since the last call."""
        return {"recorded": self._recorder.take()}

    def move_all(self) -> dict:
        """Moves every object, as a person does after selecting all."""
        for item in in_blender.scenes.synced_scene().objects:
            item.location.z += 1.0
        in_blender.bpy.context.view_layer.update()
        return {}


if __name__ == "__main__":
    in_blender.Driver = Driver
    in_blender.main()
