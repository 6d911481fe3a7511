"""The reward, and the plan that it picks."""

import math

import numpy as np
import pytest

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD
from edgent.planning.reward import best_by_reward, reward


def test_reward_is_accuracy_and_throughput_in_time_and_nothing_late() -> None:
    """exp(accuracy) + 1 / latency up to the requirement and with it; 0 beyond."""
    rewards = reward(np.array([0.1, 0.5, 0.5001, np.inf]), np.array([0.8, 0.7, 0.9, 1.0]), 0.5, 1.0)
    assert rewards == pytest.approx([math.exp(0.8) + 10, math.exp(0.7) + 2, 0, 0])


def test_accuracy_alone_counts_unless_throughput_is_asked_for() -> None:
    """exp(accuracy) up to the requirement."""
    rewards = reward(np.array([0.1, 0.6]), np.array([0.8, 0.9]), 0.5)
    assert rewards == pytest.approx([math.exp(0.8), 0])


@pytest.mark.parametrize("bandwidth_bps", [1e5, 1e6, 5e6, 1e8])
@pytest.mark.parametrize("requirement_s", [0.001, 0.02, 0.05, 0.5])
def test_what_is_picked_is_about_as_good_and_none_as_good_is_quicker(
    branchy: CostTable, bandwidth_bps: float, requirement_s: float
) -> None:
    """Against looking at every plan; the paper's reward picks its own best, and late plans go by latency."""
    link = Link(0.001, bandwidth_bps, bandwidth_bps)
    latency = branchy.latency_s(link)
    rewards = reward(latency, branchy.accuracy, requirement_s)
    k = best_by_reward(branchy, link, requirement_s)
    assert rewards[k] >= (1 - ABOUT_AS_GOOD) * rewards.max()
    as_good = rewards >= rewards[k] if rewards.any() else np.ones(len(branchy), dtype=np.bool_)
    assert latency[k] == latency[as_good].min()
    papers = reward(latency, branchy.accuracy, requirement_s, 1.0)
    assert papers[best_by_reward(branchy, link, requirement_s, 1.0)] == papers.max()


def test_only_what_is_allowed_is_picked(branchy: CostTable) -> None:
    """Whether something is in time or not."""
    link = Link(0.001, 1e8, 1e8)
    for requirement_s in (0.001, 0.5):
        k = best_by_reward(branchy, link, requirement_s, allowed=~branchy.remote)
        assert not branchy.remote[k]
        assert branchy.remote[best_by_reward(branchy, link, requirement_s, allowed=branchy.remote)]
