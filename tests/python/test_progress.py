# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the progress of long work and the estimate of its remaining time."""

import pytest
from vibesync.core.progress import Countdown, Estimate


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_remaining_time_follows_from_the_time_so_far(clock):
    estimate = Estimate(clock)
    assert estimate.progress("sending", 0.2).seconds_left is None
    clock.now += 3.0
    assert estimate.progress("sending", 0.5).seconds_left == pytest.approx(5.0)


def test_other_work_is_estimated_from_its_own_beginning(clock):
    estimate = Estimate(clock)
    estimate.progress("sending", 0.0)
    clock.now += 50.0
    assert estimate.progress("receiving", 0.0).seconds_left is None
    clock.now += 2.0
    assert estimate.progress("receiving", 0.5).seconds_left == pytest.approx(2.0)
    assert estimate.progress("receiving", 0.1).seconds_left is None  # the next batch
    estimate.end()
    clock.now += 60.0
    assert estimate.progress("receiving", 0.2).seconds_left is None


def test_countdown_counts_from_its_largest_remainder():
    countdown = Countdown()
    assert [countdown.fraction(rest) for rest in (4, 3, 1, 0, 2)] == [0.0, 0.25, 0.75, None, 0.0]
