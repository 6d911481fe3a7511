"""The plan of the highest expected reward under the forecast."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies.policy import choose, expected_latency_s
from edgent.planning.reward import indifference
from edgent.planning.situation import Situation


@dataclass(frozen=True)
class ExpectedReward:
    """Plans on the forecast's distribution, not on its mean.

    Attributes:
        hysteresis: how much of the best expected reward the previous plan may lack and still stay.
        throughput_weight: of the reward.
    """

    hysteresis: float = 0.01
    throughput_weight: float = 0.0

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        distribution = LinkDistribution.of(situation)
        value = expected_reward(table, situation, distribution, self.throughput_weight)
        return choose(
            table,
            situation,
            value,
            "has the highest expected reward",
            partial(expected_latency_s, table, situation, distribution),
            indifference=indifference(value, self.throughput_weight),
            hysteresis=self.hysteresis,
        )


def expected_reward(
    table: CostTable,
    situation: Situation,
    distribution: LinkDistribution,
    throughput_weight: float = 0.0,
) -> FloatArray:
    """E[reward] = P(in time) · (exp(accuracy) + weight · E[throughput | in time]).

    A plan is in time from the least bandwidth on that it needs; its throughput is the mean over those of
    the distribution's quantiles at which it is in time: one over the latency, in the mean where plans leave
    early.

    Returns:
        Expected reward of every plan. Shape (n_plans,).
    """
    requirement_s = situation.latency_requirement_s
    in_time = distribution.in_time(table, requirement_s)
    if not throughput_weight:
        return in_time * table.accuracy_reward
    latency = distribution.latency_s(table)
    counts = latency <= requirement_s
    if table.mean is not None:
        latency = distribution.latency_s(table.mean)
    # In time with the last sixteenth of the distribution only: its latency is about the requirement.
    latency = np.where(counts, latency, requirement_s)
    counts[-1] = True
    with np.errstate(divide="ignore"):
        throughput = (counts / latency).sum(axis=0) / counts.sum(axis=0)
    value: FloatArray = in_time * (table.accuracy_reward + throughput_weight * throughput)
    return value
