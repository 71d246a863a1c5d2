# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that previews leave Blender as soon as their rate allows."""

import bpy
from fake_daemon import wait_for
from vibesync.blender.schedule import Schedule
from vibesync.core.preview_outbox import PreviewOutbox


def test_value_that_had_to_wait_is_sent_without_other_news(harness, monkeypatch):
    harness.daemon.features = ["previews"]
    harness.connect()
    bridge, item = harness.bridge, harness.add("A")
    harness.settle()
    is_due = [False]
    monkeypatch.setattr(PreviewOutbox, "is_due", lambda *_: is_due[0])
    monkeypatch.setattr(bridge.activity, "state", lambda: "modal")
    monkeypatch.setattr(bridge.polling, "is_tick_due", lambda _now: False)
    poll = Schedule(bridge, lambda: None).poll
    harness.wait(lambda: not poll())
    item.location.x = 2.0
    bpy.context.view_layer.update()
    assert poll() and not poll(), "it comes too early"
    is_due[0] = True
    assert poll()
    wait_for(lambda: harness.daemon.of_type("preview"), harness.daemon.pump, 2.0)
