"""The plan of the highest expected accuracy when a local exit stands by."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.fallback import fallbacks, hedged_budget_s
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies.policy import choose, expected_latency_s
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD
from edgent.planning.situation import Situation
from edgent.planning.stages import BEFORE_REQUEST

_LEAST_CHANCE = 0.02
"""An edge that is in time more rarely than this is not asked. Where a local exit stands by, asking costs no
accuracy, but every answer would wait for that exit's latest start, and the link be filled for nothing."""
_REASON = "has the highest expected accuracy"


@dataclass(frozen=True)
class Hedged:
    """Knows that a late head costs accuracy, not the deadline.

    A remote plan whose activation has not arrived when the fallback must start gives the fallback's answer,
    unless it is a whole answer that arrives before the fallback's is due (`hedged_budget_s`)::

        expected accuracy = P(in time) · accuracy(plan) + P(late) · accuracy(fallback)

    A more accurate fallback takes longer and so leaves the edge less time: both are chosen together. Of
    fallbacks with which a plan is about as good, the one that starts last stands by: an edge that is hardly
    ever late should be waited for, not raced against. A device that is eager runs its exits while the edge is
    awaited. Then the edge has all of the requirement, and the fallback is the most accurate exit that fits
    behind what the device does before the edge is asked.
    """

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`; the decision names the fallback that it counts on."""
        requirement_s = situation.latency_requirement_s
        if situation.is_eager:
            return _eager(table, situation)
        standing_by = sorted(
            fallbacks(situation.local_exits, requirement_s), key=lambda fallback: -fallback.latest_start_s
        )
        latest_start_s = [[fallback.latest_start_s] for fallback in standing_by] or [[requirement_s]]
        budget_s = hedged_budget_s(table, np.array(latest_start_s), requirement_s)
        distribution = LinkDistribution.of(situation)
        in_time = _chance_in_time(table, distribution, budget_s)
        otherwise = np.array([[fallback.accuracy] for fallback in standing_by] or [[0.0]])
        value = in_time * table.accuracy + (1.0 - in_time) * otherwise
        fits = {fallback.exit for fallback in standing_by}
        value[:, table.device_only] = [
            table.accuracy[k] if table.plans[k].exit in fits else 0.0 for k in table.device_only
        ]
        best = value.max(axis=0)

        def who_stands_by(plans: IntArray) -> IntArray:
            as_good: IntArray = (value[:, plans] >= best[plans] - ABOUT_AS_GOOD).argmax(axis=0)
            return as_good

        def latency_s(plans: IntArray) -> FloatArray:
            budgets_s = budget_s[who_stands_by(plans), plans]
            return expected_latency_s(table, situation, distribution, plans, budgets_s)

        decision = choose(table, situation, best, _REASON, latency_s, indifference=ABOUT_AS_GOOD)
        if not standing_by or not table.remote[decision.index]:
            return decision
        (row,) = who_stands_by(np.array([decision.index]))
        return replace(decision, fallback_exit=standing_by[row].exit)


def _eager(table: CostTable, situation: Situation) -> Decision:
    """The plan of the highest expected accuracy where local exits run while the edge is awaited."""
    requirement_s, local_exits = situation.latency_requirement_s, situation.local_exits
    distribution = LinkDistribution.of(situation)
    in_time = _chance_in_time(table, distribution, requirement_s)
    left_s = requirement_s - table.seconds[list(BEFORE_REQUEST)].sum(axis=0)
    fits = np.array([local.time_s <= left_s for local in local_exits]).reshape(-1, len(table))
    accuracies = np.array([[local.accuracy] for local in local_exits]).reshape(-1, 1)
    otherwise = np.where(fits, accuracies, 0.0).max(axis=0, initial=0.0)
    value = in_time * table.accuracy + (1.0 - in_time) * otherwise
    in_time_alone = {fallback.exit for fallback in fallbacks(local_exits, requirement_s)}
    for k in table.device_only:
        value[k] = table.accuracy[k] if table.plans[k].exit in in_time_alone else 0.0
    latency_s = partial(expected_latency_s, table, situation, distribution)
    return choose(table, situation, value, _REASON, latency_s, indifference=ABOUT_AS_GOOD)


def _chance_in_time(
    table: CostTable, distribution: LinkDistribution, budget_s: float | FloatArray
) -> FloatArray:
    """The chance that each plan keeps its budget; 0 where it is too small to ask. Shape of the budgets."""
    in_time = distribution.in_time(table, budget_s)
    in_time[in_time < _LEAST_CHANCE] = 0.0
    return in_time
