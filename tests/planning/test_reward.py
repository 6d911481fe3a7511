"""The reward, and the plan that it picks."""

import math

import numpy as np
import pytest

from edgent.planning.reward import best_by_reward, reward


def test_reward_is_accuracy_and_throughput_in_time_and_nothing_late() -> None:
    """exp(accuracy) + 1 / latency up to the requirement and with it; 0 beyond."""
    rewards = reward(np.array([0.1, 0.5, 0.5001, np.inf]), np.array([0.8, 0.7, 0.9, 1.0]), 0.5, 1.0)
    assert rewards == pytest.approx([math.exp(0.8) + 10, math.exp(0.7) + 2, 0, 0])


def test_accuracy_alone_counts_unless_throughput_is_asked_for() -> None:
    """exp(accuracy) up to the requirement."""
    rewards = reward(np.array([0.1, 0.6]), np.array([0.8, 0.9]), 0.5)
    assert rewards == pytest.approx([math.exp(0.8), 0])


def test_of_plans_about_as_good_the_quickest_is_picked() -> None:
    """Within 0.2 points, not for too small a gain; the paper's reward picks the quickest of all."""
    accuracy = np.array([0.9000, 0.8985, 0.8970, 0.8])
    assert best_by_reward(np.array([0.20, 0.15, 0.05, 0.01]), accuracy, 0.5) == 1
    assert best_by_reward(np.array([0.20, 0.19, 0.05, 0.01]), accuracy, 0.5) == 0
    assert best_by_reward(np.array([0.20, 0.15, 0.05, 0.01]), accuracy, 0.5, throughput_weight=1.0) == 3
    assert best_by_reward(np.array([0.6, 0.15, 0.05, 0.01]), accuracy, 0.5) == 2


def test_where_all_are_late_the_quickest_is_picked() -> None:
    """However inaccurate; one that is no candidate, and so takes for ever, is not."""
    assert best_by_reward(np.array([0.7, 0.6, np.inf]), np.array([0.9, 0.5, 1.0]), 0.5) == 1
