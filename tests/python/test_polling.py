# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests how often the addon polls and ticks."""

from vibesync.core.polling import Polling


def test_ticks_are_rarer_at_rest():
    polling = Polling()
    polling.record_tick(10.0)
    assert not polling.is_tick_due(10.049) and polling.is_tick_due(10.05)
    polling.record_activity(20.0)
    polling.record_tick(20.0)
    assert not polling.is_tick_due(20.019) and polling.is_tick_due(20.02)


def test_polls_are_more_frequent_while_active():
    polling = Polling()
    at_rest = polling.seconds_to_next_poll(10.0, is_busy=False)
    polling.record_activity(10.0)
    assert polling.seconds_to_next_poll(11.9, is_busy=False) < at_rest
    assert polling.seconds_to_next_poll(12.0, is_busy=False) == at_rest
    assert polling.seconds_to_next_poll(99.0, is_busy=True) < at_rest


def test_heartbeats_are_looked_after_between_ticks():
    polling = Polling()
    polling.record_tick(10.0)
    polling.record_tick(10.09, with_beat=False)
    assert polling.is_beat_due(10.1) and not polling.is_tick_due(10.1)
    polling.record_beat(10.1)
    assert not polling.is_beat_due(10.19) and polling.is_beat_due(10.2)
