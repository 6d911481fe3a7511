"""What a policy is: one decision before every input, in an environment that moves (paper, section IV-C).

A policy is a pure function of the cost table and of a situation. What it wants to remember, the previous
decision remembers for it. So the same object serves the runtime, the replay of traces, and the tests.
"""

from typing import Protocol

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.quick_among_equals import Latencies, quick_among_equals
from edgent.planning.situation import Situation, check_ready

NOTHING_IN_TIME = "nothing is expected in time: this is the fastest"
"""The reason of a decision where every plan is late."""
_SLOWER = 0.1
"""Share of the latency by which the previous plan may exceed another one that is about as good, and stay."""


class Policy(Protocol):
    """Decides what is done with the next input."""

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """Choose a ready plan; the same situation gives the same decision.

        Raises:
            PlanError: no plan is ready.
        """


def choose(
    table: CostTable,
    situation: Situation,
    value: FloatArray,
    reason: str,
    latency_s: Latencies | None = None,
    *,
    indifference: float = 0.0,
    hysteresis: float = 0.0,
) -> Decision:
    """The ready plan of the highest value; of those that are about as good, the quickest in the mean.

    When every value is 0 the fastest is taken.

    Args:
        table: what there is to choose from.
        situation: where.
        value: what each plan is worth, 0 or more. Shape (n_plans,).
        reason: why the highest is chosen.
        latency_s: gives the latency that is expected of some plans; that at the forecast's mean unless given.
        indifference: how much less than the best a plan may be worth that is about as good.
        hysteresis: share of the best value that the previous plan may lack and still stay, 0 to 1.
    """

    def at_the_mean(plans: IntArray) -> FloatArray:
        return table.in_the_mean.latency_s(situation.mean_link)[plans]

    if situation.ready is not None:
        check_ready(table, situation.ready)
        value = np.where(situation.ready, value, -np.inf)
    if value.max() <= 0:
        k = quick_among_equals(value, table.latency_s(situation.mean_link).__getitem__, 0.0)
        return decision_at(table, situation, k, NOTHING_IN_TIME)
    latency_s = latency_s or at_the_mean
    k = quick_among_equals(value, latency_s, indifference)
    if hysteresis and situation.previous is not None:
        before = situation.previous.index
        if before != k and _stays(table, value, latency_s, (before, k), indifference, hysteresis):
            k, reason = before, f"{reason}, and within {hysteresis:.0%} of {table.plans[k]}"
    return decision_at(table, situation, k, reason)


def _stays(
    table: CostTable,
    value: FloatArray,
    latency_s: Latencies,
    plans: tuple[int, int],
    indifference: float,
    hysteresis: float,
) -> bool:
    """Whether the previous plan stays, the first of two, although the second is the one to take now.

    One that is about as good goes if it is slower. One that is less good stays within the hysteresis, unless
    that may be because its edge is late.
    """
    before, now = plans
    best = value.max()
    if indifference and value[before] >= best - indifference:
        before_s, now_s = latency_s(np.array([before, now]))
        return bool(before_s <= (1.0 + _SLOWER) * now_s)
    may_be_late = indifference > 0 and bool(table.remote[before])
    return not may_be_late and bool(value[before] >= (1.0 - hysteresis) * best)


def expected_latency_s(
    table: CostTable,
    situation: Situation,
    distribution: LinkDistribution,
    plans: IntArray,
    budget_s: FloatArray | None = None,
) -> FloatArray:
    """Mean latency under the forecast, where an answer that is late comes when the requirement ends.

    Where plans leave early, whether they are late is told by the worst case, and what they take by the mean.

    Args:
        table: all plans.
        situation: round trip and requirement.
        distribution: of the next bandwidths.
        plans: columns of the plans that are asked about. Shape (n,).
        budget_s: what each of these may take and not be late; the requirement unless given. Shape (n,).

    Returns:
        Seconds. Shape (n,).
    """
    requirement_s = situation.latency_requirement_s
    latency_s = distribution.latency_s(table, plans)
    late = latency_s > (requirement_s if budget_s is None else budget_s)
    if table.mean is not None:
        latency_s = distribution.latency_s(table.mean, plans)
    latency_s[late] = requirement_s
    mean_s: FloatArray = latency_s.sum(axis=0) / len(latency_s)
    return mean_s


def decision_at(table: CostTable, situation: Situation, k: int, reason: str) -> Decision:
    """The decision for plan k, told at the forecast's mean bandwidth."""
    latency_s = float(table.latency_s(situation.mean_link)[k])
    return Decision(table.plans[k], latency_s, latency_s <= situation.latency_requirement_s, k, reason)
