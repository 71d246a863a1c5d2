# SPDX-License-Identifier: GPL-3.0-or-later
"""Large scenes and large meshes: work in slices, next to none at rest, and only what differs travels."""

import time

import bpy
import vibesync
from conftest import cube
from vibesync.blender import scenes

MANY = 10_000


def crowd(count=MANY):
    """So many objects that share a mesh, as a script adds them."""
    mesh = cube()
    collection = scenes.synced_scene().collection
    for number in range(count):
        collection.objects.link(bpy.data.objects.new(f"O{number}", mesh))
    bpy.context.view_layer.update()


def pump_until(condition, seconds=60.0):
    """Pumps; returns what the processor took for each tick, in seconds."""
    ticks, deadline = [], time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        started = time.thread_time()
        vibesync.pump()
        ticks.append(time.thread_time() - started)
    return ticks


def test_all_of_a_large_scene_is_sent_in_slices(rig):
    crowd()
    rig.wait(lambda: rig.bridge.session.live)
    fractions = []

    def done():
        fractions.append(rig.bridge.progress)
        return len(rig.bridge.registry.entries) == MANY + 1 and not len(rig.bridge.session.outbox)

    ticks = pump_until(done)
    print(f"{len(ticks)} ticks, {sum(ticks):.2f} s, longest {max(ticks) * 1000:.1f} ms")
    assert len(rig.changes()) == MANY + 1
    shown = [each.fraction for each in fractions if each and each.what == "sending"]
    assert len(shown) > 10 and shown[-1] > 0.9, "the panel sees it grow"
    assert rig.bridge.progress is None
