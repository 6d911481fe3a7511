"""The plan of the highest expected accuracy when a local exit stands by."""

from dataclasses import dataclass, replace

import numpy as np

from edgent.planning.bandwidth_distribution import BandwidthDistribution
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.fallback import LocalExit, fallbacks, hedged_budget_s
from edgent.planning.policies.policy import choose, required_bandwidth_bps
from edgent.planning.situation import Situation

_LEAST_CHANCE = 0.02
"""An edge that is in time more rarely than this is not asked. Where a local exit stands by, asking costs no
accuracy, but every answer would wait for that exit's latest start, and the link be filled for nothing."""
_INDIFFERENCE = 0.01
"""Of fallbacks with which a plan is worth this share less than with the best, the one that starts last stands
by: an edge that is hardly ever late should be waited for, not raced against."""


@dataclass(frozen=True)
class Hedged:
    """Knows that a late head costs accuracy, not the deadline.

    A remote plan whose activation has not arrived when the fallback must start gives the fallback's answer,
    unless it is a whole answer that arrives before the fallback's is due (`hedged_budget_s`)::

        expected accuracy = P(in time) · accuracy(plan) + P(late) · accuracy(fallback)

    A more accurate fallback takes longer and so leaves the edge less time: both are chosen together.

    Attributes:
        local_exits: the device's own exits, with times that include their spread.
    """

    local_exits: tuple[LocalExit, ...]

    def decide(self, candidates: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`; the decision names the fallback that it counts on."""
        requirement_s = situation.latency_requirement_s
        standing_by = fallbacks(self.local_exits, requirement_s)
        budget_s = np.array(
            [hedged_budget_s(candidates, one, requirement_s) for one in standing_by]
            or [np.full(len(candidates), requirement_s)]
        )
        needed_bps = required_bandwidth_bps(candidates, situation, budget_s)
        in_time = BandwidthDistribution.of(situation.forecast).at_least(needed_bps)
        in_time[in_time < _LEAST_CHANCE] = 0.0
        otherwise = np.array([[fallback.accuracy] for fallback in standing_by] or [[0.0]])
        value = in_time * candidates.accuracy + (1.0 - in_time) * otherwise
        fits = {fallback.exit for fallback in standing_by}
        local = np.flatnonzero(~candidates.remote)
        for k in local:
            value[:, k] = candidates.accuracy[k] if candidates.plans[k].exit in fits else 0.0
        decision = choose(candidates, situation, value.max(axis=0), "has the highest expected accuracy")
        if not standing_by or not candidates.remote[decision.index]:
            return decision
        worth = value[:, decision.index]
        fallback = max(
            (
                one
                for one, with_it in zip(standing_by, worth, strict=True)
                if with_it >= (1 - _INDIFFERENCE) * worth.max()
            ),
            key=lambda one: one.latest_start_s,
        )
        return replace(decision, fallback_exit=fallback.exit)
