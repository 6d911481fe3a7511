"""The plan space without what loses to another plan whatever the link, however wrong the profiles are.

Windows and codecs multiply to some thousands of plans, and a decision looks at every one. A plan is left out
where another one is at least as accurate and as deep, and costs no more in bytes up, in bytes down, in round
trips and in computation. The last is asked twice, because a profile may be wrong: with the device taken to
be slower and the edge faster by the margin, and the other way round. In between, computation is a line, so
whoever wins at both ends wins everywhere. Where an objective counts one node's seconds, these are asked, too.

Where nodes are about as quick as each other, hardly a plan of a deep network loses so clearly. Then one is
left out as well where another is worse by no more than a tolerance, the least with which few enough are left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edgent.planning.costs import BoolArray, FloatArray, IntArray, NetworkCosts
from edgent.planning.placement import ANYWHERE, Placement
from edgent.planning.plan_space import Candidate, RemotePlans, device_only, remote_plans
from edgent.planning.stages import (
    DEVICE_STEPS,
    EDGE_STEPS,
    Place,
    Stage,
    after_window,
    before_window,
    crossing_down,
    crossing_up,
    run_on_edge,
)

MARGIN = 2.0
"""How many times slower or faster than profiled each node may be."""
MOST_PLANS = 800
"""What a decision looks at in some tens of microseconds."""
_TOLERANCES = (0.0, 0.01, 0.03, 0.1)
_LARGEST_TOLERANCE = 0.3


@dataclass(frozen=True)
class Pruning:
    """What may be left out.

    Attributes:
        slowdown: how many times slower the device is than the one that was profiled.
        margin: how many times slower or faster than that each node may turn out to be.
        counted: nodes whose seconds count by themselves, because an objective asks for few of them.
        most: how many plans that ask the edge may be left.
    """

    slowdown: float = 1.0
    margin: float = MARGIN
    counted: tuple[Place, ...] = ()
    most: int = MOST_PLANS


USUAL = Pruning()
"""For objectives that count no node's seconds by themselves."""


def pruned_space(
    costs: NetworkCosts, pruning: Pruning = USUAL, placement: Placement = ANYWHERE
) -> Iterator[Candidate]:
    """The plans of a network that may be the best one; device-only plans are all kept, as a last resort.

    Args:
        costs: what every stage costs.
        pruning: what may be left out.
        placement: what the edge may not see.
    """
    remote = list(remote_plans(costs.exits, costs.input_codecs, placement))
    alone = [device_only(costs.exits, number) for number in range(len(costs.exits))]
    kinds = np.concatenate(
        [
            *(_alone(costs, candidate, pruning) for candidate in alone),
            *(_kinds(costs, plans, pruning) for plans in remote),
        ]
    )
    kept = _few(kinds, pruning.most)[len(alone) :]
    for candidate, plans in zip(alone, remote, strict=True):
        yield candidate
        of_exit, kept = kept[: len(plans.up)], kept[len(plans.up) :]
        yield from (plans.candidate(int(k)) for k in np.flatnonzero(of_exit))


def undominated(kinds: FloatArray, tolerance: float = 0.0, most: int | None = None) -> BoolArray:
    """Which rows have no other one that is nowhere larger; of equal rows the first. Shape (n_rows,).

    Args:
        kinds: a row for each plan, a column for each kind of cost.
        tolerance: share of a positive cost by which the other one may be larger after all.
        most: stop looking where more rows than these are left.
    """
    kept = np.zeros(len(kinds), dtype=np.bool_)
    # Whatever beats a row has a sum that is no larger, so the first of those left is beaten by none.
    left = np.argsort(kinds.sum(axis=1), kind="stable")
    columns = np.ascontiguousarray(kinds[left].T)
    bounds = columns + tolerance * np.maximum(columns, 0.0)
    alive = np.ones(left.size, dtype=np.bool_)
    found = position = 0
    while position < left.size and (most is None or found <= most):
        if alive[position]:
            found += 1
            kept[left[position]] = True
            alive &= (bounds < columns[:, position, None]).any(axis=0)
        position += 1
        if 2 * np.count_nonzero(alive) < left.size:
            left, columns, bounds = left[alive], columns[:, alive], bounds[:, alive]
            alive, position = np.ones(left.size, dtype=np.bool_), 0
    return kept


def _few(kinds: FloatArray, most: int) -> BoolArray:
    """The rows that are left with the least tolerance that leaves so few."""
    for tolerance in _TOLERANCES:
        kept = undominated(kinds, tolerance, most)
        if np.count_nonzero(kept) <= most:
            return kept
    return undominated(kinds, _LARGEST_TOLERANCE)


def _alone(costs: NetworkCosts, candidate: Candidate, pruning: Pruning) -> FloatArray:
    """The kinds of cost of a device-only plan."""
    (stage,) = after_window(candidate.plan.exit, 0, candidate.layers)
    nothing = np.zeros(1)
    device_s = nothing + pruning.slowdown * costs.seconds(stage)
    worth = (nothing + candidate.accuracy, nothing + candidate.depth)
    return _columns(nothing, nothing, nothing, device_s, nothing, worth, pruning)


def _kinds(costs: NetworkCosts, plans: RemotePlans, pruning: Pruning) -> FloatArray:
    """The kinds of cost of the plans of an exit that ask the edge, one row for each."""
    name, layers = plans.costs.exit, plans.costs.layers
    # No layers lie between a cut and itself: such a stage has the seconds of a feature codec alone.
    ups = [
        (
            *before_window(name, at.point, at.jump),
            *crossing_up(name, at.point, at.codec),
            *([run_on_edge(name, at.point, at.point, up=at.jump)] if at.jump else []),
        )
        for at in plans.ups
    ]
    downs = [
        (
            *([run_on_edge(name, at.point, at.point, down=at.jump)] if at.jump else []),
            *crossing_down(name, at.point, at.codec),
            *after_window(name, at.point, layers, at.jump),
        )
        for at in plans.downs
    ]
    up, down = _sums(costs, ups)[plans.up], _sums(costs, downs)[plans.down]
    start = np.array([at.point for at in plans.ups], dtype=np.int64)[plans.up]
    stop = np.array([at.point for at in plans.downs], dtype=np.int64)[plans.down]
    window_s = np.zeros((layers + 1, layers + 1))
    for window in set(zip(start.tolist(), stop.tolist(), strict=True)):
        window_s[window] = costs.seconds(run_on_edge(name, *window))
    device_s = pruning.slowdown * (up[:, 1] + down[:, 1])
    edge_s = up[:, 2] + window_s[start, stop] + down[:, 2]
    round_trips = np.ones(len(start))
    return _columns(
        up[:, 0], down[:, 0], round_trips, device_s, edge_s, (plans.accuracy, plans.depth), pruning
    )


def _columns(
    up_bytes: FloatArray,
    down_bytes: FloatArray,
    round_trips: FloatArray,
    device_s: FloatArray,
    edge_s: FloatArray,
    worth: tuple[FloatArray, FloatArray | IntArray],
    pruning: Pruning,
) -> FloatArray:
    """Each kind of cost, and what a plan is worth as a cost that is saved. Shape (n_plans, n_kinds)."""
    ratio = pruning.margin**2
    seconds = {"device": device_s, "edge": edge_s}
    return np.stack(
        [
            up_bytes,
            down_bytes,
            round_trips,
            ratio * device_s + edge_s,
            device_s + ratio * edge_s,
            *(seconds[place] for place in pruning.counted),
            *(-value for value in worth),
        ],
        axis=1,
    )


def _sums(costs: NetworkCosts, of_crossings: Sequence[Sequence[Stage]]) -> FloatArray:
    """Bytes, seconds of the device and seconds of the edge of the stages around a crossing. Shape (n, 3)."""
    sums = np.zeros((len(of_crossings), 3))
    for row, stages in zip(sums, of_crossings, strict=True):
        for stage in stages:
            row[0] += costs.size_bytes(stage)
            row[1] += costs.seconds(stage) if stage.step in DEVICE_STEPS else 0.0
            row[2] += costs.seconds(stage) if stage.step in EDGE_STEPS else 0.0
    return sums
