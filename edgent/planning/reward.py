"""The reward of one step (paper, section IV-C): accuracy, and throughput where it counts, if in time."""

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray
from edgent.planning.link import Link
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD, quick_among_equals
from edgent.planning.worth import Worth


def reward(
    latency_s: FloatArray, accuracy: FloatArray, latency_requirement_s: float, throughput_weight: float = 0.0
) -> FloatArray:
    """exp(accuracy) + throughput if the latency is within the requirement, else 0.

    Args:
        latency_s: seconds from input to answer; any shape that broadcasts with ``accuracy``.
        accuracy: 0 to 1.
        latency_requirement_s: seconds.
        throughput_weight: what throughput counts for. At 0 accuracy alone counts; at the paper's 1 throughput
            outweighs all accuracy where answers take less than a tenth of a second.

    Returns:
        The reward, where throughput is 1 / latency, in answers a second.
    """
    in_time = np.exp(accuracy)
    if throughput_weight:
        with np.errstate(divide="ignore"):
            in_time = in_time + throughput_weight / latency_s
    return np.where(latency_s <= latency_requirement_s, in_time, 0.0)


def indifference(value: FloatArray, throughput_weight: float = 0.0) -> float:
    """How much less than the best reward a plan may have that is about as good.

    The paper's reward weighs latency against accuracy itself, so that only equal rewards are about as good.
    """
    return 0.0 if throughput_weight else ABOUT_AS_GOOD * float(value.max(initial=0.0))


def reward_worth(
    table: CostTable, link: Link, k: int, latency_requirement_s: float, throughput_weight: float = 0.0
) -> Worth:
    """What plan k is worth by its reward, beside plans for other edges; arguments as of `best_by_reward`."""
    value = reward(table.latency_s(link), table.accuracy, latency_requirement_s, throughput_weight)[[k]]
    seconds = float(table.in_the_mean.latency_s(link)[k])
    return Worth((float(value[0]),), seconds, indifference(value, throughput_weight))


def best_by_reward(
    table: CostTable,
    link: Link,
    latency_requirement_s: float,
    throughput_weight: float = 0.0,
    allowed: BoolArray | None = None,
) -> int:
    """The plan of the highest reward; of those that are about as good the quickest in the mean.

    Where all are late it is the fastest.

    Args:
        table: what there is to choose from.
        link: that latencies are told on.
        latency_requirement_s: seconds.
        throughput_weight: of the reward.
        allowed: plans that may be chosen, one or more, shape (n_plans,); None: all.
    """
    latency = table.latency_s(link)
    if allowed is not None:
        latency[~allowed] = np.inf
    value = reward(latency, table.accuracy, latency_requirement_s, throughput_weight)
    seconds = table.in_the_mean.latency_s(link) if value.any() else latency
    return quick_among_equals(value, seconds.__getitem__, indifference(value, throughput_weight))
