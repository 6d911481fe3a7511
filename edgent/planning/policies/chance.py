"""The most accurate plan that is late with no more than a given probability."""

from dataclasses import dataclass

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies.policy import choose
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD
from edgent.planning.shortlist import AtBest, shortlist
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
        requirement_s, at_best = situation.latency_requirement_s, AtBest.of(table, situation)
        most = np.where(at_best.in_time, 1.0 + table.accuracy, 0.0)
        distribution = LinkDistribution(situation)
        plans, expected_s = shortlist(table, distribution, most, at_best, ABOUT_AS_GOOD)
        sure = 1.0 - distribution.in_time(table, requirement_s, plans) <= self.epsilon
        if not sure.any():
            in_time = distribution.in_time(table, requirement_s)
            return choose(table, situation, in_time, "is the likeliest to be in time")
        return choose(
            table,
            situation,
            np.where(sure, most[plans], 0.0),
            f"is the most accurate that is late at most {self.epsilon:.0%} of times",
            expected_s.__getitem__,
            plans=plans,
            indifference=ABOUT_AS_GOOD,
        )
