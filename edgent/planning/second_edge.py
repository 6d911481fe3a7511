"""The plan for another edge, once the one that was asked has failed and the answer is still wanted."""

from dataclasses import replace

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray
from edgent.planning.decision import Decision
from edgent.planning.fallback import hedged_budget_s
from edgent.planning.link import Link
from edgent.planning.objective import Objective


def rescue_decision(
    table: CostTable,
    link: Link,
    *,
    left_s: float,
    latest_start_s: float,
    better_than: float,
    ready: BoolArray,
    objective: Objective,
    spread: float = 1.0,
) -> Decision | None:
    """The best plan for another edge that is predicted to be in time yet; None where there is none.

    The local exit that stands by is never given up for it: a plan is only chosen whose frame is written by
    then, and which is more accurate.

    Args:
        table: plans for the other edge.
        link: to it.
        left_s: seconds to the deadline.
        latest_start_s: seconds until the local exit has to start; those to the deadline where none can be in
            time.
        better_than: accuracy of that exit.
        ready: plans that may be chosen, shape (n_plans,).
        objective: what plans in time are chosen for.
        spread: how many times what is predicted most answers keep to, 1 or more.
    """
    if left_s <= 0:
        return None
    budget_s = hedged_budget_s(table, latest_start_s + table.prepare_s, left_s)
    in_time = spread * table.latency_s(link) <= budget_s
    is_written = table.before_request_s <= latest_start_s
    allowed = ready & table.remote & in_time & is_written & (table.accuracy > better_than)
    if not allowed.any():
        return None
    decision = objective.search(table, link, left_s, ready=allowed)
    worth = objective.worth(table, decision.index, table.in_the_mean.latency_s(link))
    return replace(decision, worth=worth)
