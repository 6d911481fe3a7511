"""The plan space: every exit, window of its path and pair of codecs that a network allows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgent.planning.checked_exit import CheckedExit
from edgent.planning.costs import CodecCosts, ExitCosts, FloatArray, IntArray, NetworkCosts
from edgent.planning.placement import ANYWHERE, Placement
from edgent.planning.plan import FLOAT32, RAW, Plan
from edgent.planning.stages import Jump


@dataclass(frozen=True)
class Candidate:
    """One plan of the space.

    Attributes:
        plan: the plan.
        exit_index: which exit, counted from the shallowest.
        depth: the exit that the plan counts as: its own, or the shallowest one that has as much accuracy
            without loss, where a lossy codec leaves no more than that, or the exit itself has less.
        layers: how many layers the exit's path has.
        accuracy: of the exit under the plan's codecs, less what leaving early costs; 0 to 1.
        asks_until: the last partition point at which an exit on the way is asked; 0: none is.
    """

    plan: Plan
    exit_index: int
    depth: int
    layers: int
    accuracy: float
    asks_until: int = 0


@dataclass(frozen=True)
class Crossing:
    """A tensor that crosses the link at a partition point, in a codec; in a feature codec, a jump."""

    point: int
    codec: str
    jump: Jump | None = None


@dataclass(frozen=True, eq=False)
class RemotePlans:
    """The plans of one exit that ask the edge: each is a crossing up and a crossing down behind it.

    Attributes:
        number: of the exit, from the shallowest.
        costs: the exit's.
        ups, downs: the crossings that there are, by rising partition point.
        up, down: which of them each plan has. Shape (n_plans,), as of all that follows.
        accuracy, depth: see `Candidate`.
        asked: the exits that are asked on the way, shallow to deep; none but in twins.
        asks_until: see `Candidate`; of each twin.
    """

    number: int
    costs: ExitCosts
    ups: tuple[Crossing, ...]
    downs: tuple[Crossing, ...]
    up: IntArray
    down: IntArray
    accuracy: FloatArray
    depth: IntArray
    asked: tuple[CheckedExit, ...] = ()
    asks_until: IntArray | None = None

    @property
    def reached(self) -> IntArray:
        """How many layers the device runs before each window. Shape (n_plans,)."""
        return np.array([at.jump.reads if at.jump else at.point for at in self.ups], np.int64)[self.up]

    def candidate(self, k: int) -> Candidate:
        """Plan k."""
        up, down, exit_ = self.ups[self.up[k]], self.downs[self.down[k]], self.costs
        plan = Plan(exit_.exit, down.point, up.codec, down.codec, up.point, leaves_early=bool(self.asked))
        until = 0 if self.asks_until is None else int(self.asks_until[k])
        return Candidate(plan, self.number, int(self.depth[k]), exit_.layers, float(self.accuracy[k]), until)


def plan_space(costs: NetworkCosts, placement: Placement = ANYWHERE) -> Iterator[Candidate]:
    """All plans that a placement allows, exits from shallow to deep.

    Device-only comes first, then every window under every pair of codecs; then the twins of these that ask
    exits on their way.

    A pair of codecs whose accuracy was not measured at its cuts is left out, and so is a codec at a cut whose
    tensor it does not write.

    Args:
        costs: what every stage costs, and which exits are asked.
        placement: what the edge may not see.
    """
    for number, remote in enumerate(remote_plans(costs, placement)):
        yield from device_only(costs, number)
        yield from map(remote.candidate, range(len(remote.up)))
        for twins in early_twins(costs, remote, placement):
            yield from map(twins.candidate, range(len(twins.up)))


def device_only(costs: NetworkCosts, number: int) -> Iterator[Candidate]:
    """An exit's plan without the edge, and its twin where an exit on the way is asked."""
    exit_ = costs.exits[number]
    plan, plain, lossless = (
        Plan.device_only(exit_.exit),
        np.array([exit_.lossless_accuracy]),
        _lossless(costs),
    )
    depth = _depth(number, plain, lossless)
    yield Candidate(plan, number, int(depth[0]), exit_.layers, exit_.lossless_accuracy)
    asked = costs.asked_before(exit_.exit, RAW)
    if asked:
        lost = _lost_early(asked, exit_.exit, np.array([exit_.layers]))
        accuracy = np.clip(plain - lost, 0.0, 1.0)
        depth = np.minimum(_depth(number, accuracy, lossless), depth)
        early = replace(plan, leaves_early=True)
        yield Candidate(early, number, int(depth[0]), exit_.layers, float(accuracy[0]), exit_.layers)


def remote_plans(costs: NetworkCosts, placement: Placement = ANYWHERE) -> Iterator[RemotePlans]:
    """The plans of each exit that ask the edge, ordered by start, stop, codec up and codec down."""
    for number, exit_ in enumerate(costs.exits):
        ups, downs = tuple(_ups(exit_, costs.input_codecs)), tuple(_downs(exit_))
        accuracy = _accuracies(exit_, costs.input_codecs, ups, downs)
        start = np.array([up.point for up in ups], dtype=np.int64)
        stop = np.array([down.point for down in downs], dtype=np.int64)
        allowed = placement.allows(start[:, None], stop, exit_.layers)
        up, down = np.nonzero((start[:, None] < stop) & allowed & ~np.isnan(accuracy))
        order = np.lexsort((down, up, stop[down], start[up]))
        up, down = up[order], down[order]
        depth = _depth(number, accuracy[up, down], _lossless(costs))
        yield RemotePlans(number, exit_, ups, downs, up, down, accuracy[up, down], depth)


def early_twins(
    costs: NetworkCosts, plans: RemotePlans, placement: Placement = ANYWHERE
) -> Iterator[RemotePlans]:
    """The plans of an exit that ask exits on their way; a group for each codec in which inputs come to these.

    Exits are asked as far as the thresholds were found on what comes there: not behind an activation that
    lost something on the link, nor behind what a feature codec reads. Where answers stay on the device, they
    are asked before the window only. Those that begin at the input are asked where the device does all.
    """
    exit_ = plans.costs
    for source in costs.asked:
        asked = tuple(one for one in costs.asked_before(exit_.exit, source) if one.point)
        if not asked:
            continue
        ups = np.array([_asks_until_up(exit_, costs, at, source) for at in plans.ups], np.int64)
        downs = np.array([_asks_until_down(exit_, at) for at in plans.downs], np.int64)
        until = np.minimum(ups[plans.up], downs[plans.down])
        if placement.answer_stays:
            until = np.minimum(until, plans.reached)
        kept = until >= asked[0].point
        up, down, until = plans.up[kept], plans.down[kept], until[kept]
        accuracy = np.clip(plans.accuracy[kept] - _lost_early(asked, exit_.exit, until), 0.0, 1.0)
        depth = np.minimum(_depth(plans.number, accuracy, _lossless(costs)), plans.depth[kept])
        yield replace(plans, up=up, down=down, accuracy=accuracy, depth=depth, asked=asked, asks_until=until)


def _asks_until_up(exit_: ExitCosts, costs: NetworkCosts, at: Crossing, source: str) -> int:
    """The partition point up to which exits are asked, as far as a crossing up lets it; -1: by no plan."""
    if at.jump is not None:
        return at.jump.reads if source == RAW else -1
    if at.point == 0:
        lossless = costs.input_codecs[at.codec].lossless
        return exit_.layers if source == (RAW if lossless else at.codec) else -1
    if source != RAW:
        return -1
    assert exit_.inner is not None, "only windows that start inside the path send activations up"
    return exit_.layers if exit_.inner.codecs_up[at.codec].lossless else at.point


def _asks_until_down(exit_: ExitCosts, at: Crossing) -> int:
    """The partition point up to which exits are asked, as far as a crossing down lets it."""
    is_exact = at.jump is None and exit_.activation_codecs[at.codec].lossless
    return exit_.layers if is_exact else at.point


def _lost_early(asked: Sequence[CheckedExit], exit_name: str, until: IntArray) -> FloatArray:
    """What leaving early costs plans that ask exits up to a partition point. Shape (n_plans,)."""
    lost = np.zeros(until.shape)
    for checked in asked:
        lost += (checked.point <= until) * checked.lost.get(exit_name, 0.0)
    return lost


def _lossless(costs: NetworkCosts) -> list[float]:
    return [exit_.lossless_accuracy for exit_ in costs.exits]


def _ups(exit_: ExitCosts, input_codecs: Mapping[str, CodecCosts]) -> Iterator[Crossing]:
    for name in input_codecs:
        if (name, 0) not in exit_.unwritten:
            yield Crossing(0, name)
    for point in range(1, exit_.layers):
        for name in exit_.inner.codecs_up if exit_.inner else ():
            if (name, point) not in exit_.unwritten:
                yield Crossing(point, name)
    yield from (Crossing(jump.gives, jump.codec, jump) for jump in exit_.jumps if jump.is_up)


def _downs(exit_: ExitCosts) -> Iterator[Crossing]:
    for point in range(1, exit_.layers + 1):
        for name in exit_.activation_codecs if point < exit_.layers else (FLOAT32,):
            if (name, point) not in exit_.unwritten:
                yield Crossing(point, name)
    yield from (Crossing(jump.reads, jump.codec, jump) for jump in exit_.jumps if not jump.is_up)


def _accuracies(
    exit_: ExitCosts,
    input_codecs: Mapping[str, CodecCosts],
    ups: Sequence[Crossing],
    downs: Sequence[Crossing],
) -> FloatArray:
    """The accuracy under each pair of crossings, not a number where it is not known. Shape (n_ups, n_downs).

    An input codec and an activation codec were measured together, at each cut. Two activation codecs were
    measured one at a time, each at its own cut, and so was every feature codec: what these lose is added up.
    """

    def under(source: str) -> FloatArray:
        """With an input codec, by crossing down. Shape (n_downs,)."""
        codecs, features = exit_.activation_codecs, exit_.features
        return np.array(
            [
                exit_.accuracy_at(source, FLOAT32, 0) - features[down.codec].lost
                if down.jump
                else exit_.accuracy_at(
                    source, FLOAT32 if codecs[down.codec].lossless else down.codec, down.point
                )
                for down in downs
            ]
        )

    by_input = {name: under(RAW if codec.lossless else name) for name, codec in input_codecs.items()}
    rows = [by_input[up.codec] if up.point == 0 else by_input[RAW] - _lost(exit_, up) for up in ups]
    return np.maximum(np.array(rows, dtype=np.float64).reshape(len(ups), len(downs)), 0.0)


def _lost(exit_: ExitCosts, up: Crossing) -> float:
    """The accuracy that an activation which goes up costs."""
    if up.jump is not None:
        return exit_.features[up.codec].lost
    assert exit_.inner is not None, "only windows that start inside the path send activations up"
    name = FLOAT32 if exit_.inner.codecs_up[up.codec].lossless else up.codec
    return exit_.lossless_accuracy - exit_.accuracy_at(RAW, name, up.point)


def _depth(number: int, accuracy: FloatArray, lossless: Sequence[float]) -> IntArray:
    """The exit that each plan of exit ``number`` counts as under its accuracy."""
    depth = np.full(accuracy.shape, number, dtype=np.int64)
    loses = accuracy < max(lossless[: number + 1])
    for shallower in reversed(range(number)):
        depth[loses & (accuracy <= lossless[shallower])] = shallower
    return depth
