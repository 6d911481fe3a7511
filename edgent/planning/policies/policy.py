"""What a policy is: one decision before every input, in an environment that moves (paper, section IV-C).

A policy is a pure function of the cost table and of a situation. What it wants to remember, the previous
decision remembers for it. So the same object serves the runtime, the replay of traces, and the tests.
"""

from dataclasses import replace
from typing import Protocol

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.quick_among_equals import Latencies, quick_among_equals
from edgent.planning.situation import Situation, ready_plans
from edgent.planning.worth import Worth

NOTHING_IN_TIME = "is the fastest, as nothing is expected in time"
"""The reason of a decision where every plan is late; reasons follow on `this plan, which`."""
_SLOWER = 0.1
"""Share of the latency by which the previous plan may exceed another one that is about as good, and stay."""


class Policy(Protocol):
    """Decides what is done with the next input."""

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """Choose a ready plan; the same situation gives the same decision.

        Raises:
            PlanError: no plan is ready.
        """


def is_policy(thing: object) -> bool:
    """Whether it can be asked to decide: an object, not a class of such objects."""
    return not isinstance(thing, type) and callable(getattr(thing, "decide", None))


def choose(
    table: CostTable,
    situation: Situation,
    value: FloatArray,
    reason: str,
    latency_s: Latencies | None = None,
    *,
    plans: IntArray | None = None,
    indifference: float = 0.0,
    hysteresis: float = 0.0,
) -> Decision:
    """The ready plan of the highest value; of those that are about as good, the quickest in the mean.

    When every value is 0 the fastest is taken.

    Args:
        table: what there is to choose from.
        situation: where.
        value: what each plan is worth, 0 or more. Shape (n_plans,), or (n,) of a shortlist.
        reason: why the highest is chosen.
        latency_s: gives the latency that is expected of plans, by their places in ``value``; that at the
            forecast's mean unless given.
        plans: columns of the plans of a `shortlist`, rising; all that are ready unless given.
        indifference: how much less than the best a plan may be worth that is about as good.
        hysteresis: share of the best value that the previous plan may lack and still stay, 0 to 1.
    """
    if plans is None:
        plans = ready_plans(table, situation)
        value = value[plans]
    if value.max(initial=0.0) <= 0:
        plans = ready_plans(table, situation)
        fastest = int(table.latency_s(situation.mean_link, plans).argmin())
        decision = decision_at(table, situation, int(plans[fastest]), NOTHING_IN_TIME)
        return replace(decision, worth=Worth((0.0,), decision.latency_s))
    if latency_s is None:
        latency_s = table.in_the_mean.latency_s(situation.mean_link, plans).__getitem__
    place = quick_among_equals(value, latency_s, indifference)
    k, previous = int(plans[place]), situation.previous
    if hysteresis and previous is not None and previous.index != k and situation.is_ready(previous.index):
        before = int(np.searchsorted(plans, previous.index))
        may_be_late = indifference > 0 and bool(table.remote[previous.index])
        share = 0.0 if may_be_late else hysteresis
        if _stays(value, latency_s, (before, place), indifference, share):
            reason = f"stays, as it is within {hysteresis:.0%} of {table.plans[k]}, which {reason}"
            k, place = previous.index, before
    worth = Worth((float(value[place]),), float(latency_s(np.array([place]))[0]), indifference)
    return replace(decision_at(table, situation, k, reason), worth=worth)


def _stays(
    value: FloatArray, latency_s: Latencies, places: tuple[int, int], indifference: float, hysteresis: float
) -> bool:
    """Whether the previous plan stays, the first of two, although the second is the one to take now.

    One that is about as good goes if it is slower. One that is less good stays within the hysteresis, unless
    that may be because its edge is late: then it is 0.
    """
    before, _ = places
    best = value.max()
    if indifference and value[before] >= best - indifference:
        before_s, now_s = latency_s(np.array(places))
        return bool(before_s <= (1.0 + _SLOWER) * now_s)
    return bool(value[before] >= (1.0 - hysteresis) * best)


def decision_at(table: CostTable, situation: Situation, k: int, reason: str) -> Decision:
    """The decision for plan k, told at the forecast's mean bandwidth."""
    latency_s = float(table.latency_s(situation.mean_link, slice(k, k + 1))[0])
    return Decision(table.plans[k], latency_s, latency_s <= situation.latency_requirement_s, k, reason)
