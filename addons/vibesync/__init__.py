# SPDX-License-Identifier: GPL-3.0-or-later
"""VibeSync keeps Blender and Unity on the same scene, through the VibeSync daemon."""

from __future__ import annotations

import importlib.util
import time

import bpy

if importlib.util.find_spec("numpy") is None:  # builds from blender.org have it; Debian's do not
    raise ImportError(
        "VibeSync needs numpy, which this Blender lacks: install python3-numpy, then enable VibeSync again"
    )

from .blender import handlers, icons, input_watch, keymap, log, operators, panel, preferences, timer
from .blender.bridge import Bridge
from .capability.service import Capabilities
from .graph import operators as graph_operators
from .graph.nodes import NodesComponent

_CLASSES = (
    preferences.VibeSyncPreferences,
    input_watch.VIBESYNC_OT_read_input,
    *operators.CLASSES,
    *panel.CLASSES,
    *graph_operators.CLASSES,
)


def register() -> None:
    """Enables the addon; called by Blender."""
    log.start()
    icons.register()
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bridge = Bridge(preferences.current(), NodesComponent())
    bridge.calls = Capabilities(bridge)
    handlers.register(bridge)
    keymap.register()
    timer.register(bridge)


def unregister() -> None:
    """Disables the addon; called by Blender."""
    if handlers.bridge:
        handlers.bridge.detach()
    timer.unregister()
    keymap.unregister()
    handlers.unregister()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
    icons.unregister()
    log.stop()


def pump() -> None:
    """Runs one tick, and a step of the look for add-ons. For background runs, where Blender's timers do not run."""
    if handlers.bridge:
        handlers.bridge.tick()
        handlers.bridge.look_around(time.monotonic())
