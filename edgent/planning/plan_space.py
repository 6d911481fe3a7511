"""The plan space: every exit, window of its path and pair of codecs that a network allows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgent.planning.costs import CodecCosts, ExitCosts, FloatArray, IntArray
from edgent.planning.placement import ANYWHERE, Placement
from edgent.planning.plan import FLOAT32, RAW, Plan


@dataclass(frozen=True)
class Candidate:
    """One plan of the space.

    Attributes:
        plan: the plan.
        exit_index: which exit, counted from the shallowest.
        depth: the exit that the plan counts as: its own, or, where a lossy codec leaves no more accuracy than
            a shallower exit has without loss, that shallower one.
        layers: how many layers the exit's path has.
        accuracy: measured accuracy of the exit under the plan's codecs, 0 to 1.
    """

    plan: Plan
    exit_index: int
    depth: int
    layers: int
    accuracy: float


@dataclass(frozen=True)
class Crossing:
    """A tensor that crosses the link at a partition point, in a codec."""

    point: int
    codec: str


@dataclass(frozen=True, eq=False)
class RemotePlans:
    """The plans of one exit that ask the edge: each is a crossing up and a crossing down behind it.

    Attributes:
        number: of the exit, from the shallowest.
        costs: the exit's.
        ups, downs: the crossings that there are, by rising partition point.
        up, down: which of them each plan has. Shape (n_plans,), as of all that follows.
        accuracy, depth: see `Candidate`.
    """

    number: int
    costs: ExitCosts
    ups: tuple[Crossing, ...]
    downs: tuple[Crossing, ...]
    up: IntArray
    down: IntArray
    accuracy: FloatArray
    depth: IntArray

    def candidate(self, k: int) -> Candidate:
        """Plan k."""
        up, down, exit_ = self.ups[self.up[k]], self.downs[self.down[k]], self.costs
        plan = Plan(exit_.exit, down.point, up.codec, down.codec, up.point)
        return Candidate(plan, self.number, int(self.depth[k]), exit_.layers, float(self.accuracy[k]))


def plan_space(
    exits: Sequence[ExitCosts], input_codecs: Mapping[str, CodecCosts], placement: Placement = ANYWHERE
) -> Iterator[Candidate]:
    """All plans that a placement allows, exits from shallow to deep.

    Device-only comes first, then every window under every pair of codecs.

    A pair of codecs whose accuracy was not measured at its cuts is left out, and so is a codec at a cut whose
    tensor it does not write.

    Args:
        exits: shallow to deep.
        input_codecs: costs by name.
        placement: what the edge may not see.
    """
    for number, remote in enumerate(remote_plans(exits, input_codecs, placement)):
        yield device_only(exits, number)
        yield from map(remote.candidate, range(len(remote.up)))


def device_only(exits: Sequence[ExitCosts], number: int) -> Candidate:
    """An exit's plan without the edge."""
    exit_ = exits[number]
    return Candidate(Plan.device_only(exit_.exit), number, number, exit_.layers, exit_.lossless_accuracy)


def remote_plans(
    exits: Sequence[ExitCosts], input_codecs: Mapping[str, CodecCosts], placement: Placement = ANYWHERE
) -> Iterator[RemotePlans]:
    """The plans of each exit that ask the edge, ordered by start, stop, codec up and codec down."""
    lossless = [exit_.lossless_accuracy for exit_ in exits]
    for number, exit_ in enumerate(exits):
        ups, downs = tuple(_ups(exit_, input_codecs)), tuple(_downs(exit_))
        accuracy = _accuracies(exit_, input_codecs, ups, downs)
        start = np.array([up.point for up in ups], dtype=np.int64)
        stop = np.array([down.point for down in downs], dtype=np.int64)
        allowed = placement.allows(start[:, None], stop, exit_.layers)
        up, down = np.nonzero((start[:, None] < stop) & allowed & ~np.isnan(accuracy))
        order = np.lexsort((down, up, stop[down], start[up]))
        up, down = up[order], down[order]
        depth = _depth(number, accuracy[up, down], lossless)
        yield RemotePlans(number, exit_, ups, downs, up, down, accuracy[up, down], depth)


def _ups(exit_: ExitCosts, input_codecs: Mapping[str, CodecCosts]) -> Iterator[Crossing]:
    for name in input_codecs:
        if (name, 0) not in exit_.unwritten:
            yield Crossing(0, name)
    for point in range(1, exit_.layers):
        for name in exit_.inner.codecs_up if exit_.inner else ():
            if (name, point) not in exit_.unwritten:
                yield Crossing(point, name)


def _downs(exit_: ExitCosts) -> Iterator[Crossing]:
    for point in range(1, exit_.layers + 1):
        for name in exit_.activation_codecs if point < exit_.layers else (FLOAT32,):
            if (name, point) not in exit_.unwritten:
                yield Crossing(point, name)


def _accuracies(
    exit_: ExitCosts,
    input_codecs: Mapping[str, CodecCosts],
    ups: Sequence[Crossing],
    downs: Sequence[Crossing],
) -> FloatArray:
    """The accuracy under each pair of crossings, not a number where it is not known. Shape (n_ups, n_downs).

    An input codec and an activation codec were measured together, at each cut. Two activation codecs were
    measured one at a time, each at its own cut: what they lose is added up.
    """

    def under(source: str) -> FloatArray:
        """With an input codec, by crossing down. Shape (n_downs,)."""
        codecs = exit_.activation_codecs
        return np.array(
            [
                exit_.accuracy_at(source, FLOAT32 if codecs[down.codec].lossless else down.codec, down.point)
                for down in downs
            ]
        )

    by_input = {name: under(RAW if codec.lossless else name) for name, codec in input_codecs.items()}
    rows = []
    for up in ups:
        if up.point == 0:
            rows.append(by_input[up.codec])
        else:
            assert exit_.inner is not None, "only windows that start inside the path send activations up"
            name = FLOAT32 if exit_.inner.codecs_up[up.codec].lossless else up.codec
            lost = exit_.lossless_accuracy - exit_.accuracy_at(RAW, name, up.point)
            rows.append(by_input[RAW] - lost)
    return np.maximum(np.array(rows, dtype=np.float64).reshape(len(ups), len(downs)), 0.0)


def _depth(number: int, accuracy: FloatArray, lossless: Sequence[float]) -> IntArray:
    """The exit that each plan of exit ``number`` counts as under its accuracy."""
    depth = np.full(accuracy.shape, number, dtype=np.int64)
    loses = accuracy < lossless[number]
    for shallower in reversed(range(number)):
        depth[loses & (depth == shallower + 1) & (accuracy <= lossless[shallower])] = shallower
    return depth
