"""The plan of the highest expected reward under the forecast."""

from dataclasses import dataclass

import numpy as np

from edgent.planning.cost_table import ALL, Columns, CostTable
from edgent.planning.costs import FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies.policy import choose
from edgent.planning.reward import indifference
from edgent.planning.shortlist import AtBest, shortlist
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
        weight, at_best = self.throughput_weight, AtBest.of(table, situation)
        most = most_reward(table, at_best, weight)
        distribution = LinkDistribution(situation)
        plans, expected_s = shortlist(table, distribution, most, at_best, indifference(most, weight))
        value = expected_reward(table, distribution, weight, plans)
        return choose(
            table,
            situation,
            value,
            "has the highest expected reward",
            expected_s.__getitem__,
            plans=plans,
            indifference=indifference(value, weight),
            hysteresis=self.hysteresis,
        )


def most_reward(table: CostTable, at_best: AtBest, throughput_weight: float = 0.0) -> FloatArray:
    """The most that `expected_reward` may give to each plan: of a device-only plan, what it gives."""
    reward = table.accuracy_reward
    if throughput_weight:
        with np.errstate(divide="ignore"):
            reward = reward + throughput_weight / at_best.latency_s
    return np.where(at_best.in_time, reward, 0.0)


def expected_reward(
    table: CostTable,
    distribution: LinkDistribution,
    throughput_weight: float = 0.0,
    plans: Columns = ALL,
) -> FloatArray:
    """E[reward] = P(in time) · (exp(accuracy) + weight · E[throughput | in time]).

    A plan is in time from the least bandwidth on that it needs; its throughput is the mean over those of
    the distribution's quantiles at which it is in time: one over the latency, in the mean where plans leave
    early.

    Returns:
        Expected reward of some plans, or of all. Shape (n,).
    """
    requirement_s = distribution.situation.latency_requirement_s
    in_time, accuracy_reward = distribution.in_time(table, requirement_s, plans), table.accuracy_reward[plans]
    if not throughput_weight:
        return in_time * accuracy_reward
    latency = distribution.latency_s(table, plans)
    counts = latency <= requirement_s
    if table.mean is not None:
        latency = distribution.latency_s(table.mean, plans)
    # In time with the last sixteenth of the distribution only: its latency is about the requirement.
    latency = np.where(counts, latency, requirement_s)
    counts[-1] = True
    with np.errstate(divide="ignore"):
        throughput = (counts / latency).sum(axis=0) / counts.sum(axis=0)
    value: FloatArray = in_time * (accuracy_reward + throughput_weight * throughput)
    return value
