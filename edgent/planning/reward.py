"""The paper's reward of one step (section IV-C): accuracy and throughput, if the answer is in time."""

import numpy as np

from edgent.planning.costs import FloatArray


def reward(
    latency_s: FloatArray, accuracy: FloatArray, latency_requirement_s: float, throughput_weight: float = 1.0
) -> FloatArray:
    """exp(accuracy) + throughput if the latency is within the requirement, else 0.

    Args:
        latency_s: seconds from input to answer; any shape that broadcasts with ``accuracy``.
        accuracy: 0 to 1.
        latency_requirement_s: seconds.
        throughput_weight: what throughput counts for. At the paper's 1 it outweighs all accuracy as soon as
            answers take a tenth of a second; at 0 accuracy alone counts.

    Returns:
        The reward, where throughput is 1 / latency, in answers a second.
    """
    in_time = np.exp(accuracy)
    if throughput_weight:
        with np.errstate(divide="ignore"):
            in_time = in_time + throughput_weight / latency_s
    return np.where(latency_s <= latency_requirement_s, in_time, 0.0)
