"""Plans that leave early: what asking exits on the way takes, at worst and in the mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.frame_exits import asking_bytes
from edgent.planning.exit_rule import PlanColumns, under_exit_rule

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable
    from edgent.planning.costs import IntArray, NetworkCosts


def leaving_early(
    table: CostTable, costs: NetworkCosts, asks_until: IntArray, answer_overhead_bytes: float
) -> CostTable:
    """The table with what asking exits takes, at worst and in the mean.

    Args:
        table: all plans, as if no exit was asked.
        costs: what asking exits costs.
        asks_until: up to which partition point a plan's exits are asked; 0 where none is. Shape (n_plans,).
        answer_overhead_bytes: what HTTP and TCP add to an answer.
    """
    seconds, mean_s = table.seconds.copy(), table.seconds.copy()
    size_bytes, mean_bytes = table.size_bytes.copy(), table.size_bytes.copy()
    asking, predicted = table.remote.astype(np.float64), table.predicted.copy()
    groups: dict[tuple[str, str], list[int]] = {}
    for k in np.flatnonzero(asks_until).tolist():
        plan = table.plans[k]
        groups.setdefault((plan.exit, costs.source_of(plan)), []).append(k)
    for (exit_name, source), of_group in groups.items():
        asked = costs.asked_before(exit_name, source)
        until = np.minimum(table.stop, asks_until)[of_group, None]
        points = np.array([checked.point for checked in asked])
        inside = ((table.start[of_group, None] < points) & (points <= until)).sum(axis=1)
        size_bytes[:, of_group] += asking_bytes(inside)
        plans = PlanColumns(
            table.start[of_group],
            table.stop[of_group],
            table.layers_before[of_group],
            asks_until[of_group],
            table.seconds[:, of_group],
            size_bytes[:, of_group],
        )
        early = under_exit_rule(costs, exit_name, asked, plans, answer_overhead_bytes)
        seconds[:, of_group], mean_s[:, of_group] = early.worst_s, early.mean_s
        mean_bytes[:, of_group], asking[of_group] = early.mean_bytes, early.asking
        predicted[of_group] |= ~early.measured
    mean = replace(table, seconds=mean_s, size_bytes=mean_bytes, asking=asking, predicted=predicted)
    return replace(table, seconds=seconds, size_bytes=size_bytes, predicted=predicted, mean=mean)
