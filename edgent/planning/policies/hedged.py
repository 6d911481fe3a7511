"""The plan of the highest expected accuracy when a local exit stands by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.fallback import DELIVERY_S, Fallback, fallbacks, hedged_budget_s, latest_starts_s
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies.policy import choose
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD
from edgent.planning.shortlist import AtBest, expected_latency_s, shortlist
from edgent.planning.situation import Situation

_LEAST_CHANCE = 0.02
"""An edge that is in time more rarely than this is not asked. Where a local exit stands by, asking costs no
accuracy, but every answer would wait for that exit's latest start, and the link be filled for nothing."""
_REASON = "has the highest expected accuracy"


@dataclass(frozen=True)
class Hedged:
    """Knows that a late head costs accuracy, not the deadline.

    A remote plan whose activation has not arrived when the fallback must start gives the fallback's answer,
    unless it is a whole answer that arrives before the fallback's is due (`hedged_budget_s`). So does one
    whose edge is overloaded and refuses it, which counts as late::

        expected accuracy = P(in time) · accuracy(plan) + P(late) · accuracy(fallback)

    A more accurate fallback takes longer and so leaves the edge less time: both are chosen together. None
    stands by that would have to start before the device has done its part of the plan (`latest_starts_s`),
    nor one that is more accurate than the plan: an edge in time would only make the answer worse. Of
    fallbacks with which a plan is about as good, the one that starts last stands by: an edge that is hardly
    ever late should be waited for, not raced against. A device that is eager runs its exits while the edge is
    awaited. Then the edge has until an answer is given, and the fallback is the most accurate exit that fits
    behind what the device does before the edge is asked.
    """

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`; the decision names the fallback that it counts on."""
        requirement_s = situation.latency_requirement_s
        standing_by = fallbacks(situation.local_exits, requirement_s)
        alone = _alone(table, situation)
        if situation.is_eager:
            return _eager(table, situation, standing_by, alone)
        standing_by.sort(key=lambda fallback: -fallback.latest_start_s)
        otherwise = max((fallback.accuracy for fallback in standing_by), default=0.0)
        at_best, distribution = AtBest.of(table, situation), LinkDistribution(situation)
        most = np.where(at_best.in_time, np.maximum(table.accuracy, otherwise), otherwise)
        most[table.device_only] = alone
        plans, expected_s = shortlist(table, distribution, most, at_best, ABOUT_AS_GOOD)
        value, fallback_of = most[plans], np.zeros(len(table), dtype=np.int64)
        crossing = np.flatnonzero(table.remote[plans])
        if crossing.size:
            remote = plans[crossing]
            hedged = _with_fallback(table, distribution, standing_by, remote)
            value[crossing], fallback_of[remote] = hedged.expected_accuracy, hedged.fallback
            answered_s = expected_latency_s(table, distribution, remote, hedged.budget_s)
            refusal = situation.refusal_chance  # what is refused takes as long as what is late
            expected_s[crossing] = answered_s + refusal * (requirement_s - answered_s)
        decision = choose(
            table, situation, value, _REASON, expected_s.__getitem__, plans=plans, indifference=ABOUT_AS_GOOD
        )
        number = int(fallback_of[decision.index])
        if not table.remote[decision.index] or number == len(standing_by):
            return decision
        return replace(decision, fallback_exit=standing_by[number].exit)


@dataclass(frozen=True, eq=False)
class _WithFallback:
    """Remote plans, each with the fallback that suits it best. Arrays of shape (n,).

    Attributes:
        expected_accuracy: of the answers in time.
        fallback: its number; as many as there are where none can stand by.
        budget_s: what the plan may take.
    """

    expected_accuracy: FloatArray
    fallback: IntArray
    budget_s: FloatArray


def _with_fallback(
    table: CostTable, distribution: LinkDistribution, standing_by: Sequence[Fallback], plans: IntArray
) -> _WithFallback:
    """Remote plans with the best of the fallbacks that can still start when the edge has been asked."""
    requirement_s = distribution.situation.latency_requirement_s
    starts_s = latest_starts_s(table, standing_by, plans)
    accuracies = np.array([[fallback.accuracy] for fallback in standing_by]).reshape(-1, 1)
    without = ~np.isfinite(starts_s).any(axis=0)
    if without.any():  # the edge is all that there is
        starts_s = np.vstack([starts_s, np.where(without, requirement_s, -np.inf)])
        accuracies = np.vstack([accuracies, [[0.0]]])
    budget_s = hedged_budget_s(table, starts_s, requirement_s, plans)
    in_time = _chance_in_time(table, distribution, budget_s, plans)
    value = in_time * table.accuracy[plans] + (1.0 - in_time) * accuracies
    value[table.accuracy[plans] < accuracies - ABOUT_AS_GOOD] = 0.0
    value[~np.isfinite(starts_s)] = -1.0  # that exit never stands by
    best = value.max(axis=0)
    rows = (value >= best - ABOUT_AS_GOOD).argmax(axis=0)
    return _WithFallback(best, rows, budget_s[rows, np.arange(rows.size)])


def _alone(table: CostTable, situation: Situation) -> list[float]:
    """What each device-only plan is worth: its accuracy, where its exit is in time. It waits for no edge."""
    requirement_s = situation.latency_requirement_s
    fits = {local.exit for local in situation.local_exits if local.at_once_s <= requirement_s}
    return [float(table.accuracy[k]) if table.plans[k].exit in fits else 0.0 for k in table.device_only]


def _eager(
    table: CostTable, situation: Situation, standing_by: Sequence[Fallback], alone: Sequence[float]
) -> Decision:
    """The plan of the highest expected accuracy where local exits run while the edge is awaited."""
    requirement_s = situation.latency_requirement_s
    fits = np.isfinite(latest_starts_s(table, standing_by))
    accuracies = np.array([[fallback.accuracy] for fallback in standing_by]).reshape(-1, 1)
    otherwise = np.where(fits, accuracies, 0.0).max(axis=0, initial=0.0)
    at_best = AtBest.of(table, situation)
    most = np.where(at_best.in_time, np.maximum(table.accuracy, otherwise), otherwise)
    most[table.device_only] = alone
    distribution = LinkDistribution(situation)
    plans, expected_s = shortlist(table, distribution, most, at_best, ABOUT_AS_GOOD)
    budget_s = np.where(otherwise[plans] > 0, requirement_s - DELIVERY_S, requirement_s)
    in_time = _chance_in_time(table, distribution, budget_s, plans)
    value = in_time * table.accuracy[plans] + (1.0 - in_time) * otherwise[plans]
    value = np.where(table.remote[plans], value, most[plans])
    return choose(
        table, situation, value, _REASON, expected_s.__getitem__, plans=plans, indifference=ABOUT_AS_GOOD
    )


def _chance_in_time(
    table: CostTable, distribution: LinkDistribution, budget_s: FloatArray, plans: IntArray
) -> FloatArray:
    """The chance that each plan keeps its budget; 0 where it is too small to ask. Shape of the budgets."""
    in_time = distribution.in_time(table, budget_s, plans) * (1.0 - distribution.situation.refusal_chance)
    in_time[in_time < _LEAST_CHANCE] = 0.0
    return in_time
