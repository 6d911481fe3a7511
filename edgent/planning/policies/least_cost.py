"""The plan of the least cost that is late with no more than a given probability."""

from dataclasses import dataclass, replace

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.objective import Objective
from edgent.planning.policies.policy import choose, decision_at
from edgent.planning.situation import Situation


@dataclass(frozen=True)
class LeastCost:
    """An objective on a link that moves: the best plan with P(late) <= epsilon, else the surest.

    Attributes:
        objective: what plans are chosen for.
        epsilon: accepted probability of a late answer.
    """

    objective: Objective
    epsilon: float = 0.02

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        in_time = LinkDistribution(situation).in_time(table, situation.latency_requirement_s)
        sure = 1.0 - in_time <= self.epsilon
        allowed = np.flatnonzero(sure if situation.ready is None else sure & situation.ready)
        if not allowed.size:
            return choose(table, situation, in_time, "is the likeliest to be in time")
        mean_s = table.in_the_mean.latency_s(situation.mean_link)
        k = self.objective.best(table, allowed, mean_s)
        reason = f"{self.objective.reason(table, k)} of all that are late at most {self.epsilon:.0%} of times"
        worth = self.objective.worth(table, k, mean_s)
        return replace(decision_at(table, situation, k, reason), worth=worth)
