"""What devices believe of the edge's queue."""

import pytest

from edgent.capacity.queue_beliefs import FOLLOWING, FORGOTTEN_S, QueueBeliefs


def test_each_device_learns_by_itself() -> None:
    """A share of every answer."""
    beliefs = QueueBeliefs(2)
    for _ in range(30):
        beliefs.learn(1, 0.0, 0.2)
    assert beliefs.expected_s(0, 0.0) == 0.0
    assert beliefs.expected_s(1, 0.0) == pytest.approx(0.2, rel=1e-3)
    beliefs.learn(1, 0.0, 0.0)
    assert beliefs.expected_s(1, 0.0) == pytest.approx((1 - FOLLOWING) * 0.2, rel=1e-3)


def test_what_is_not_told_again_is_forgotten() -> None:
    """Half of it, and half of that; beside what is new it counts for as much less."""
    beliefs = QueueBeliefs(1)
    beliefs.learn(0, 0.0, 1.0)
    assert beliefs.expected_s(0, FORGOTTEN_S) == pytest.approx(FOLLOWING / 2)
    assert beliefs.expected_s(0, 2 * FORGOTTEN_S) == pytest.approx(FOLLOWING / 4)
    beliefs.learn(0, 1e6, 0.5)
    assert beliefs.expected_s(0, 1e6) == pytest.approx(0.5)
