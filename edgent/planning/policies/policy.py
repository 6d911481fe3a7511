"""What a policy is: one decision before every input, in an environment that moves (paper, section IV-C).

A policy is a pure function of the cost table and of a situation. What it wants to remember, the previous
decision remembers for it. So the same object serves the runtime, the replay of traces, and the tests.
"""

from typing import Protocol

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.situation import Situation, check_ready


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
    hysteresis: float = 0.0,
    link: Link | None = None,
) -> Decision:
    """The ready plan of the highest value; of equals, the fastest, in the mean where plans leave early.

    The previous plan stays unless the best is worth more than
    1 / (1 - hysteresis) times as much. When every value is 0 the fastest is taken.

    Args:
        table: what there is to choose from.
        situation: where.
        value: what each plan is worth, 0 or more. Shape (n_plans,).
        reason: why the highest is chosen.
        hysteresis: share of the best value that the previous plan may lack, 0 to 1.
        link: where latencies are told; the forecast's mean unless given.
    """
    ready = situation.ready
    link = link or situation.mean_link
    latency, mean = table.latency_s(link), table.in_the_mean.latency_s(link)
    if ready is not None:
        check_ready(table, ready)
        value = np.where(ready, value, -np.inf)
        latency[~ready] = np.inf
    best = float(value.max())
    tied = np.flatnonzero(value == best)
    k = int(tied[(mean if best > 0 else latency)[tied].argmin()])
    if best <= 0:
        reason = "nothing is expected in time: this is the fastest"
    elif hysteresis and situation.previous is not None:
        before = situation.previous.index
        if before != k and value[before] >= (1.0 - hysteresis) * best:
            k, reason = before, f"{reason}, and within {hysteresis:.0%} of {table.plans[k]}"
    return decision_at(table, situation, k, reason, latency_s=float(latency[k]))


def decision_at(
    table: CostTable, situation: Situation, k: int, reason: str, latency_s: float | None = None
) -> Decision:
    """The decision for plan k, told at the forecast's mean bandwidth unless its latency is known."""
    if latency_s is None:
        latency_s = table.parts(situation.mean_link, k).total_s
    return Decision(table.plans[k], latency_s, latency_s <= situation.latency_requirement_s, k, reason)
