"""The network as a replay assumes it."""

import pytest

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.replay.conditions import Conditions


def test_a_slower_device_slows_the_device_only(candidates: CostTable) -> None:
    """What it computes takes four times as long, link and edge as before."""
    link = Link(0.001, 1e6, 2e6)
    more_s = candidates.slowed(4.0).latency_s(link) - candidates.latency_s(link)
    assert more_s == pytest.approx(3.0 * candidates.device_compute_s)


def test_local_exits_are_the_device_only_plans(conditions: Conditions) -> None:
    """Shallow to deep, with their times."""
    assert [(one.exit, one.accuracy, one.time_s) for one in conditions.local_exits] == [
        ("exit1", 0.5, 0.010),
        ("exit2", 0.8, 0.040),
    ]
