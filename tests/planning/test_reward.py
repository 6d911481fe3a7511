"""The paper's reward."""

import math

import numpy as np
import pytest

from edgent.planning.reward import reward


def test_reward_is_accuracy_and_throughput_in_time_and_nothing_late() -> None:
    """exp(accuracy) + 1 / latency up to the requirement and with it; 0 beyond."""
    rewards = reward(np.array([0.1, 0.5, 0.5001, np.inf]), np.array([0.8, 0.7, 0.9, 1.0]), 0.5)
    assert rewards == pytest.approx([math.exp(0.8) + 10, math.exp(0.7) + 2, 0, 0])
