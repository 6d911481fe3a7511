"""What plans take where inputs may leave at exits on the way: in the mean, and at worst.

Whoever leaves is spared the stages behind, and whoever goes on has run the exit's branch as well. The worst
is an input that no exit on its way is sure enough of: it decides whether a plan is in time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, NetworkCosts
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, Plan
from edgent.planning.stages import (
    DEVICE_STEPS,
    MOVES,
    Stage,
    Step,
    crossing_down,
    run_on_device,
    run_on_edge,
)

_RUNS = frozenset({Step.RUN_BEFORE, Step.RUN_EDGE, Step.RUN_DEVICE})


@dataclass(frozen=True)
class CheckedExit:
    """An exit at which inputs may leave.

    Attributes:
        exit: its name.
        point: the partition point at which its path leaves the trunk.
        share: of all inputs that leave there.
    """

    exit: str
    point: int
    share: float


@dataclass(frozen=True, eq=False)
class RuledCosts:
    """What the plans of a table take under an exit rule.

    Attributes:
        at_worst: the table with every exit on the way asked and none left at.
        seconds: of each step in the mean. Shape (n_steps, n_plans).
        size_bytes: up and down the link in the mean, HTTP included. Shape (2, n_plans).
        asking: share of the inputs for which the edge is asked. Shape (n_plans,).
    """

    at_worst: CostTable
    seconds: FloatArray
    size_bytes: FloatArray
    asking: FloatArray

    def mean_latency_s(self, link: Link) -> FloatArray:
        """Seconds from input to answer in the mean; infinite where nothing gets through. Shape (n_plans,)."""
        latency: FloatArray = self.seconds.sum(axis=0) + self.asking * link.round_trip_s
        if link.upload_bps == 0 or link.download_bps == 0:
            latency[self.asking > 0] = np.inf
            return latency
        latency += 8 * self.size_bytes[0] / link.upload_bps + 8 * self.size_bytes[1] / link.download_bps
        return latency


def under_exit_rule(
    table: CostTable, costs: NetworkCosts, exits: Sequence[CheckedExit], slowdown: float = 1.0
) -> RuledCosts:
    """The plans of a table with the exits on their way asked, each on the node that passes it.

    An exit at which a window starts is asked before the device sends. Shares are those of inputs that cross
    without loss. An exit between the tensors that a feature codec reads and gives is not asked; what would
    have left there goes to the end.

    Args:
        table: the plans, on a device that computes ``slowdown`` times slower than ``costs`` has it.
        costs: what every stage costs.
        exits: those at which inputs may leave, shallow to deep.
        slowdown: see ``table``.
    """
    worst = replace(table, seconds=table.seconds.copy())
    ruled = RuledCosts(
        worst, np.zeros_like(table.seconds), np.zeros_like(table.size_bytes), np.zeros(len(table))
    )
    factors = np.array([slowdown if step in DEVICE_STEPS else 1.0 for step in Step])
    for k in range(len(table)):
        ahead = [exit_ for exit_ in exits if exit_.exit in table.exits[: table.exit_index[k]]]
        for weight, stage, seconds, branch_s in _weighted(table.stages[k], costs, ahead):
            ruled.seconds[stage.step, k] += weight * (seconds + branch_s) * factors[stage.step]
            worst.seconds[stage.step, k] += branch_s * factors[stage.step]
            if stage.step is Step.MOVE_UP:
                ruled.asking[k] = weight
            if stage.step in MOVES:
                row = MOVES.index(stage.step)
                of_plan = next(other for other in table.stages[k] if other.step is stage.step)
                overhead_bytes = table.size_bytes[row, k] - costs.size_bytes(of_plan)
                ruled.size_bytes[row, k] += weight * (costs.size_bytes(stage) + overhead_bytes)
    return ruled


def _weighted(
    plan_stages: Sequence[Stage], costs: NetworkCosts, ahead: Sequence[CheckedExit]
) -> Iterator[tuple[float, Stage, float, float]]:
    """A plan's stages and parts of them: (share that comes there, stage, its seconds, a branch's seconds)."""
    coming = 1.0
    for stage in plan_stages:
        whole_s, done_s = costs.seconds(stage), 0.0
        passed = (exit_ for exit_ in ahead if stage.start < exit_.point <= stage.stop)
        for exit_ in passed if stage.step in _RUNS else ():
            until_s = min(max(_until(stage, exit_.point, costs), done_s), whole_s)
            yield coming, stage, until_s - done_s, _branch_s(stage, exit_, costs)
            done_s = until_s
            coming -= exit_.share
            if stage.step is Step.RUN_EDGE:
                last = _layers(exit_, costs)
                for down in crossing_down(exit_.exit, last, FLOAT32):
                    yield exit_.share, down, costs.seconds(down), 0.0
        yield coming, stage, whole_s - done_s, 0.0


def _until(stage: Stage, point: int, costs: NetworkCosts) -> float:
    """Seconds of a stage's layers before a partition point inside it, and of its decoder."""
    if stage.step is Step.RUN_DEVICE:
        return costs.seconds(stage) - costs.seconds(run_on_device(stage.exit, point, stage.stop))
    return costs.seconds(replace(stage, stop=point, encoder=None))


def _branch_s(stage: Stage, exit_: CheckedExit, costs: NetworkCosts) -> float:
    """Seconds of an exit's own layers on the node of a stage."""
    last = _layers(exit_, costs)
    if stage.step is not Step.RUN_EDGE:
        return costs.seconds(run_on_device(exit_.exit, exit_.point, last))
    whole, trunk = (costs.seconds(run_on_edge(exit_.exit, 0, stop)) for stop in (last, exit_.point))
    return max(whole - trunk, 0.0)


def _layers(exit_: CheckedExit, costs: NetworkCosts) -> int:
    return costs.stages(Plan.device_only(exit_.exit))[0].stop
