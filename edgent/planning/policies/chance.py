"""The most accurate plan that is late with no more than a given probability."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies.policy import choose, expected_latency_s
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD
from edgent.planning.situation import Situation


@dataclass(frozen=True)
class ChanceConstrained:
    """The highest accuracy with P(late) <= epsilon; where nothing is that sure, the surest.

    Attributes:
        epsilon: accepted probability of a late answer.
    """

    epsilon: float = 0.02

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        distribution = LinkDistribution.of(situation)
        in_time = distribution.in_time(table, situation.latency_requirement_s)
        sure = 1.0 - in_time <= self.epsilon
        allowed = sure if situation.ready is None else sure & situation.ready
        if not allowed.any():
            return choose(table, situation, in_time, "is the likeliest to be in time")
        value = np.where(sure, 1.0 + table.accuracy, 0.0)
        return choose(
            table,
            situation,
            value,
            f"is the most accurate that is late at most {self.epsilon:.0%} of times",
            partial(expected_latency_s, table, situation, distribution),
            indifference=ABOUT_AS_GOOD,
        )
