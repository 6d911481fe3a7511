"""The network as a replay assumes it."""

import numpy as np

from edgent.planning.candidates import Candidates
from edgent.planning.link import Link
from edgent.replay.conditions import Conditions, slowed


def test_a_slower_device_slows_the_device_only(candidates: Candidates) -> None:
    """The same as the planner's own factor for the device."""
    link = Link(0.001, 1e6, 2e6)
    assert np.array_equal(slowed(candidates, 4.0).latency_s(link), candidates.latency_s(link, 1.0, 4.0))


def test_local_exits_are_the_device_only_plans(conditions: Conditions) -> None:
    """Shallow to deep, with their times."""
    assert [(one.exit, one.accuracy, one.time_s) for one in conditions.local_exits] == [
        ("exit1", 0.5, 0.010),
        ("exit2", 0.8, 0.040),
    ]
