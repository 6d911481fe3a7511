"""The chance that an edge refuses: learnt of requests, gone with time."""

from __future__ import annotations

import pytest

from device_runtime.link.edge_refusals import EdgeRefusals
from tests.runtime_fixtures import Clock


def test_it_follows_what_comes_of_requests() -> None:
    """An edge that refuses all is soon known to; one that answers again, too."""
    refusals = EdgeRefusals(Clock())
    assert refusals.chance == 0.0
    for _ in range(8):
        refusals.observe(refused=True)
    assert refusals.chance > 0.9
    for _ in range(8):
        refusals.observe(refused=False)
    assert refusals.chance < 0.1


def test_it_fades_so_that_the_edge_is_tried_again() -> None:
    """Half of it is gone every ten seconds."""
    clock = Clock()
    refusals = EdgeRefusals(clock)
    refusals.observe(refused=True)
    clock.pass_s(10.0)
    assert refusals.chance == pytest.approx(0.15)
    clock.pass_s(100.0)
    assert refusals.chance < 0.001
