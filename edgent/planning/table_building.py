"""Makes the cost table of a network: its plans, what their stages cost, and what asking exits adds."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from edgent.core.frame_exits import asking_bytes
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import IntArray, NetworkCosts
from edgent.planning.exit_rule import PlanColumns, under_exit_rule
from edgent.planning.plan_space import Candidate, plan_space
from edgent.planning.stages import MOVES, Stage, Step


def build_cost_table(
    costs: NetworkCosts,
    request_overhead_bytes: float = 0.0,
    answer_overhead_bytes: float = 0.0,
    space: Iterable[Candidate] | None = None,
) -> CostTable:
    """The table of a network's plans.

    Args:
        costs: what every stage costs.
        request_overhead_bytes: what HTTP and TCP add to a request.
        answer_overhead_bytes: what they add to its answer.
        space: the plans; all that the network allows unless given.
    """
    space = list(plan_space(costs) if space is None else space)
    of_plan = tuple(costs.stages(candidate.plan) for candidate in space)
    seconds = np.zeros((len(Step), len(space)))
    size_bytes = np.zeros((len(MOVES), len(space)))
    for k, plan_stages in enumerate(of_plan):
        for stage in plan_stages:
            seconds[stage.step, k] = costs.seconds(stage)
            if stage.step in MOVES:
                size_bytes[MOVES.index(stage.step), k] = costs.size_bytes(stage)
    stop = np.array([candidate.plan.stop for candidate in space], dtype=np.int64)
    overhead_bytes = np.array([[request_overhead_bytes], [answer_overhead_bytes]])
    table = CostTable(
        exits=tuple(exit_.exit for exit_ in costs.exits),
        plans=tuple(candidate.plan for candidate in space),
        stages=of_plan,
        exit_index=np.array([candidate.exit_index for candidate in space], dtype=np.int64),
        depth=np.array([candidate.depth for candidate in space], dtype=np.int64),
        start=np.array([candidate.plan.start for candidate in space], dtype=np.int64),
        stop=stop,
        layers=np.array([candidate.layers for candidate in space], dtype=np.int64),
        accuracy=np.array([candidate.accuracy for candidate in space], dtype=np.float64),
        seconds=seconds,
        size_bytes=size_bytes + (stop > 0) * overhead_bytes,
        predicted=np.array([any(map(costs.is_predicted, of_one)) for of_one in of_plan], dtype=np.bool_),
        leaves_after=np.array([min(one.leaves_after, one.layers - 1) for one in costs.exits], dtype=np.int64),
        layers_share=np.array([_layers_share(costs, of_one) for of_one in of_plan], dtype=np.float64),
        measure=costs.measure,
        file_bytes=costs.file_bytes,
    )
    asks_until = np.array([candidate.asks_until for candidate in space], dtype=np.int64)
    return _leaving_early(table, costs, asks_until, answer_overhead_bytes) if asks_until.any() else table


def _layers_share(costs: NetworkCosts, of_plan: tuple[Stage, ...]) -> float:
    """Of the seconds that a plan's device takes before the window, those of layers; 0 where it runs none."""
    before = next((stage for stage in of_plan if stage.step is Step.RUN_BEFORE and stage.stop), None)
    if before is None or not costs.seconds(before):
        return 0.0
    return costs.seconds(replace(before, encoder=None)) / costs.seconds(before)


def _leaving_early(
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
