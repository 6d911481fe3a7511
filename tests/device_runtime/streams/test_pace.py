"""Caps on frames per second and on the device's share of time."""

from __future__ import annotations

import pytest

from device_runtime.streams.pace import Pace
from tests.runtime_fixtures import Clock


def test_without_caps_nothing_waits() -> None:
    """Whatever was computed."""
    clock = Clock()
    pace = Pace(clock)
    pace.begun()
    clock.pass_s(1)
    pace.computed(1)
    assert pace.wait_s() == 0


def test_frames_are_begun_an_interval_apart() -> None:
    """One that is late by less is made up for, one that is later is not."""
    clock = Clock()
    pace = Pace(clock, fps=10)
    pace.begun()
    assert pace.wait_s() == pytest.approx(0.1)
    clock.pass_s(0.15)
    pace.begun()
    assert pace.wait_s() == pytest.approx(0.05)
    clock.pass_s(5)
    pace.begun()
    pace.begun()
    assert pace.wait_s() == pytest.approx(0.1)


@pytest.mark.parametrize("duty", [0.2, 0.5, 0.9])
def test_a_device_rests_in_proportion(duty: float) -> None:
    """Over many frames it computes that share of the time; waiting for the edge is rest."""
    clock = Clock()
    pace, began_s = Pace(clock, duty), clock()
    for _ in range(100):
        clock.pass_s(pace.wait_s())
        clock.pass_s(0.01 + 0.001)
        pace.computed(0.01)
    clock.pass_s(pace.wait_s())
    share, most = 100 * 0.01 / (clock() - began_s), min(duty, 0.01 / 0.011)
    assert 0.9 * most <= share <= most + 1e-9
