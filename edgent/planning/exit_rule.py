"""What plans take where inputs may leave at exits on the way: at worst, and in the mean.

Whoever leaves is spared the stages behind, and whoever goes on has run the exit's branch as well, in layers
that are cut at each exit that is asked. The worst is an input that no exit on its way is sure enough of: it
decides whether a plan is in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.core.frame_exits import asking_bytes
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.costs import BoolArray, ExitCosts, FloatArray, IntArray, NetworkCosts
from edgent.planning.plan import FLOAT32
from edgent.planning.stages import MOVES, Step, crossing_down

_CROSSING_UP = (Step.ENCODE_UP, Step.MOVE_UP, Step.DECODE_UP)
_CROSSING_DOWN = (Step.ENCODE_DOWN, Step.MOVE_DOWN, Step.DECODE_DOWN)
_UP, _DOWN = range(len(MOVES))
_ASKED_BYTES = int(asking_bytes(np.array(1))[1])
ASKING = {
    Step.RUN_BEFORE: Step.ASK_BEFORE,
    Step.RUN_EDGE: Step.ASK_EDGE,
    Step.RUN_DEVICE: Step.ASK_DEVICE,
}
"""The step of the exits that are asked among the layers of another one."""


@dataclass(frozen=True, eq=False)
class PlanColumns:
    """Some plans of one exit as arrays.

    Attributes:
        start, stop: the window [start, stop) that the edge runs; both 0 where it runs nothing. Shape
            (n_plans,), as of all that follows unless another one is given.
        reached: how many layers the device runs before it.
        asks_until: the last partition point at which an exit on the way is asked.
        seconds: of each step without asking. Shape (n_steps, n_plans).
        size_bytes: up and down the link, without asking. Shape (2, n_plans).
    """

    start: IntArray
    stop: IntArray
    reached: IntArray
    asks_until: IntArray
    seconds: FloatArray
    size_bytes: FloatArray


@dataclass(frozen=True, eq=False)
class EarlyColumns:
    """What the plans take where exits on the way are asked.

    Attributes:
        worst_s: of each step where nobody leaves. Shape (n_steps, n_plans).
        mean_s: of each step in the mean. Shape (n_steps, n_plans).
        mean_bytes: up and down the link in the mean. Shape (2, n_plans).
        asking: share of the inputs for which the edge is asked. Shape (n_plans,).
        measured: whether all pieces between exits, and these exits' own layers, were measured. Shape
            (n_plans,).
    """

    worst_s: FloatArray
    mean_s: FloatArray
    mean_bytes: FloatArray
    asking: FloatArray
    measured: BoolArray


def under_exit_rule(
    costs: NetworkCosts,
    exit_name: str,
    asked: Sequence[CheckedExit],
    plans: PlanColumns,
    answer_overhead_bytes: float = 0.0,
) -> EarlyColumns:
    """Some plans of one exit with the exits on their way asked, each on the node that passes it.

    An exit at which a window starts is asked before the device sends; one at which it ends, on the edge,
    which answers an input that leaves with that exit's output. One that begins at the input is asked only
    where the device does all.

    Args:
        costs: what every stage costs.
        exit_name: where the plans stop.
        asked: the exits at which inputs may leave on the way there, shallow to deep.
        plans: without asking.
        answer_overhead_bytes: what HTTP and TCP add to an answer of the edge.
    """
    of_exit = {exit_.exit: exit_ for exit_ in costs.exits}
    layers = np.full(plans.stop.shape, of_exit[exit_name].layers)
    found = EarlyColumns(
        plans.seconds.copy(),
        np.zeros_like(plans.seconds),
        np.zeros_like(plans.size_bytes),
        np.zeros(plans.stop.shape),
        np.ones(plans.stop.shape, np.bool_),
    )
    coming = np.ones(plans.stop.shape)
    for step, first, last in (
        (Step.RUN_BEFORE, np.zeros_like(plans.start), plans.reached),
        (Step.RUN_EDGE, plans.start, plans.stop),
        (Step.RUN_DEVICE, plans.stop, layers),
    ):
        node = _Node.of(of_exit, exit_name, asked, on_edge=step is Step.RUN_EDGE)
        does_all = (step is Step.RUN_DEVICE) & (first == 0)
        way = _walk(node, asked, first, last, plans.asks_until, coming, does_all)
        # Beside its layers a stage may have a feature codec: a decoder, behind which nobody is asked, or
        # an encoder.
        beside_s = plans.seconds[step] - way.whole_s
        found.worst_s[step] += way.worst_s - way.whole_s
        found.mean_s[step] = way.mean_s + way.coming * beside_s
        found.worst_s[ASKING[step]], found.mean_s[ASKING[step]] = way.asking_worst_s, way.asking_mean_s
        found.measured[...] &= way.measured
        coming = way.coming
        if step is Step.RUN_BEFORE:
            found.asking[...] = coming * (plans.stop > 0)
            _cross(found, plans, _CROSSING_UP, _UP, coming)
        elif step is Step.RUN_EDGE:
            _cross(found, plans, _CROSSING_DOWN, _DOWN, coming)
            for checked, leaving in zip(asked, way.leaving, strict=True):
                _answer_early(found, costs, of_exit[checked.exit], leaving, answer_overhead_bytes)
    return found


def _cross(
    found: EarlyColumns, plans: PlanColumns, steps: Sequence[Step], row: int, coming: FloatArray
) -> None:
    """A tensor that crosses the link for a share of the inputs."""
    for step in steps:
        found.mean_s[step] += coming * plans.seconds[step]
    found.mean_bytes[row] += coming * plans.size_bytes[row]


def _answer_early(
    found: EarlyColumns, costs: NetworkCosts, exit_: ExitCosts, leaving: FloatArray, overhead_bytes: float
) -> None:
    """The edge's answers to inputs that leave at an exit inside the window, written as they are."""
    for stage in crossing_down(exit_.exit, exit_.layers, FLOAT32):
        found.mean_s[stage.step] += leaving * costs.seconds(stage)
        if stage.step in MOVES:
            size_bytes = costs.size_bytes(stage) + _ASKED_BYTES + overhead_bytes
            found.mean_bytes[_DOWN] += leaving * size_bytes


@dataclass(frozen=True, eq=False)
class _Node:
    """What one node takes for the layers of a path, and for the own layers of the exits that are asked.

    Attributes:
        piece_s, piece_measured: of layers [a, b); see `InnerCosts`.
        branch_s, branch_measured: of each exit that is asked.
    """

    piece_s: FloatArray
    piece_measured: BoolArray
    branch_s: list[float]
    branch_measured: list[bool]

    @classmethod
    def of(
        cls,
        of_exit: dict[str, ExitCosts],
        exit_name: str,
        asked: Sequence[CheckedExit],
        *,
        on_edge: bool,
    ) -> "_Node":
        """The edge, or the device."""

        def times(name: str) -> tuple[FloatArray, BoolArray]:
            inner = of_exit[name].inner
            assert inner is not None, "costs were checked to have pieces where exits are asked"
            if on_edge:
                return inner.window_s, inner.window_measured
            return inner.device_s, inner.device_measured

        branches = [(times(one.exit), (one.point, of_exit[one.exit].layers)) for one in asked]
        return cls(
            *times(exit_name),
            [float(seconds[at]) for (seconds, _), at in branches],
            [bool(measured[at]) for (_, measured), at in branches],
        )


@dataclass(frozen=True, eq=False)
class _Way:
    """Layers [first, last) of each plan on one node. Shape (n_plans,) each, a list by exit.

    Attributes:
        whole_s: seconds in one go.
        worst_s: seconds in pieces, where nobody leaves.
        mean_s: the same in the mean.
        asking_worst_s, asking_mean_s: the same of the exits that are asked.
        coming: share of all inputs that comes to their end.
        leaving: share of all inputs that leaves at each exit that is asked.
        measured: whether all of these seconds were measured.
    """

    whole_s: FloatArray
    worst_s: FloatArray
    mean_s: FloatArray
    asking_worst_s: FloatArray
    asking_mean_s: FloatArray
    coming: FloatArray
    leaving: list[FloatArray]
    measured: BoolArray


def _walk(
    node: _Node,
    asked: Sequence[CheckedExit],
    first: IntArray,
    last: IntArray,
    asks_until: IntArray,
    coming: FloatArray,
    does_all: BoolArray,
) -> _Way:
    """Go from exit to exit, all plans at once."""
    leaving: list[FloatArray] = []
    at, until = first, np.minimum(last, asks_until)
    worst_s, mean_s, asking_worst_s, asking_mean_s = np.zeros((4, *first.shape))
    measured = np.ones(first.shape, np.bool_)
    for checked, branch_s, known in zip(asked, node.branch_s, node.branch_measured, strict=True):
        on_the_way = first < checked.point if checked.point else does_all
        passes = on_the_way & (checked.point <= until)
        seconds = passes * node.piece_s[at, checked.point]
        worst_s, mean_s = worst_s + seconds, mean_s + coming * seconds
        asking_worst_s += passes * branch_s
        asking_mean_s += passes * coming * branch_s
        is_known = known & (node.piece_measured[at, checked.point] | (at == checked.point))
        measured &= is_known | ~passes
        left: FloatArray = passes * np.float64(checked.share)
        leaving.append(left)
        coming = coming - left
        at = np.where(passes, checked.point, at)
    rest_s = node.piece_s[at, last]
    measured &= (at == first) | (at == last) | node.piece_measured[at, last]
    return _Way(
        node.piece_s[first, last],
        worst_s + rest_s,
        mean_s + coming * rest_s,
        asking_worst_s,
        asking_mean_s,
        coming,
        leaving,
        measured,
    )
