"""The plans in the order in which Algorithm 1 would take them, and the few worth showing to people."""

from dataclasses import dataclass

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE, Objective
from edgent.planning.situation import check_ready, check_requirement


@dataclass(frozen=True)
class Ranked:
    """A plan and why it is shown: ``chosen``, ``next``, ``best of exit1``, ``device-only``, ..."""

    role: str
    index: int


def ranking(
    table: CostTable,
    link: Link,
    latency_requirement_s: float,
    allowed: BoolArray | None = None,
    objective: Objective = USUAL_OBJECTIVE,
) -> IntArray:
    """All allowed plans; the first is the choice of the objective, the next what it takes without that.

    Those in time come first: under the usual objective deeper before shallower, then faster before slower,
    then more accurate, fast in the mean where plans leave early. Those that are late come faster before
    slower.

    Raises:
        PlanError: the requirement is not a positive number, or nothing is allowed.
    """
    check_requirement(latency_requirement_s)
    if allowed is None:
        allowed = np.ones(len(table), dtype=np.bool_)
    check_ready(table, allowed)
    latency = table.latency_s(link)
    late, mean = latency > latency_requirement_s, table.in_the_mean.latency_s(link)
    if objective.is_usual:
        keys = [-table.accuracy, np.where(late, latency, mean), np.where(late, 0, -table.depth)]
    else:
        first, *others = objective.keys(table, mean)
        keys = [np.where(late, latency, first), *(np.where(late, 0.0, key) for key in others)]
    order = np.lexsort((*keys, late))
    kept: IntArray = order[allowed[order]]
    return kept


def best_to_show(table: CostTable, order: IntArray, top: int, decision: Decision | None) -> list[Ranked]:
    """The choice, the next ones, and to compare: each way to run the chosen exit, the best of each exit.

    Args:
        table: what was ranked.
        order: by `ranking`.
        top: how many to show before the comparisons, the choice included.
        decision: the choice; None where there is none.
    """
    chosen = None if decision is None else decision.index
    shown = [] if chosen is None else [Ranked("chosen", chosen)]
    shown += [Ranked("next", int(k)) for k in order if k != chosen][: top - len(shown)]
    of_exits = [(f"best of {name}", table.exit_index == j) for j, name in enumerate(table.exits)]
    for role, mask in (*_ways_to_run(table, chosen), *of_exits):
        best = order[mask[order]][:1]
        if best.size and int(best[0]) not in {ranked.index for ranked in shown}:
            shown.append(Ranked(role, int(best[0])))
    return shown


def _ways_to_run(table: CostTable, chosen: int | None) -> list[tuple[str, BoolArray]]:
    """The plans of the chosen one's exit, by where its layers run; none where nothing is chosen."""
    if chosen is None:
        return []
    of_exit = table.exit_index == table.exit_index[chosen]
    return [
        ("device-only", of_exit & ~table.remote),
        ("edge-only", of_exit & table.edge_only),
        ("best inner cut", of_exit & table.remote & ~table.edge_only),
    ]
