"""Seconds of work."""

from __future__ import annotations

import pytest

from edgent.compression.pausable_clock import LONGEST_STEP_S, PausableClock


def test_a_pause_does_not_use_up_the_time() -> None:
    """Steps add up, also to those of earlier runs; an hour's sleep counts as a long step."""
    times = iter([100.0, 101.5, 103.0, 6703.0, 6704.0])
    clock = PausableClock(10.0, lambda: next(times))
    assert [clock.step() for _ in range(2)] == pytest.approx([11.5, 13.0])
    assert clock.step() == pytest.approx(13.0 + LONGEST_STEP_S)
    assert clock.step() == pytest.approx(14.0 + LONGEST_STEP_S)
