"""The paper's reward of one step (section IV-C): accuracy and throughput, if the answer is in time."""

import numpy as np

from edgent.planning.costs import FloatArray


def reward(latency_s: FloatArray, accuracy: FloatArray, latency_requirement_s: float) -> FloatArray:
    """exp(accuracy) + throughput if the latency is within the requirement, else 0.

    Args:
        latency_s: seconds from input to answer; any shape that broadcasts with ``accuracy``.
        accuracy: 0 to 1.
        latency_requirement_s: seconds.

    Returns:
        The reward, where throughput is 1 / latency, in answers a second.
    """
    with np.errstate(divide="ignore"):
        in_time = np.exp(accuracy) + 1.0 / latency_s
    return np.where(latency_s <= latency_requirement_s, in_time, 0.0)
