"""The plan space without what loses to another plan whatever the link, however wrong the profiles are.

Windows and codecs multiply to some thousands of plans, and a decision looks at every one. A plan is left out
where another one is at least as accurate and as deep, and costs no more in bytes up, in bytes down, in round
trips and in computation. The last is asked twice, because a profile may be wrong: with the device taken to
be slower and the edge faster by the margin, and the other way round. In between, computation is a line, so
whoever wins at both ends wins everywhere. Where an objective counts one node's seconds, these are asked, too.
Where plans may leave early, all of it is asked at worst and in the mean. Plans that send a photo's file and
others leave out none of each other: what the file costs depends on the photo, and some inputs have none.

Where nodes are about as quick as each other, hardly a plan of a deep network loses so clearly. Then one is
left out as well where another is worse by no more than a tolerance, the least with which few enough are left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edgent.planning.checked_exit import CheckedExit
from edgent.planning.costs import BoolArray, FloatArray, NetworkCosts
from edgent.planning.exit_rule import PlanColumns, under_exit_rule
from edgent.planning.placement import ANYWHERE, Placement
from edgent.planning.plan import FILE, RAW
from edgent.planning.plan_space import Candidate, RemotePlans, device_only, early_twins, remote_plans
from edgent.planning.stages import (
    DEVICE_STEPS,
    EDGE_STEPS,
    MOVES,
    Place,
    Stage,
    Step,
    after_window,
    before_window,
    crossing_down,
    crossing_up,
    run_on_edge,
    steps_at,
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


@dataclass(frozen=True)
class LeftOut:
    """What was left out of a plan space before its costs were looked at.

    Attributes:
        count: of plans.
        tolerance: share of a cost by which a plan that was left out may be better; 0: none is.
        margin: see `Pruning`.
    """

    count: int = 0
    tolerance: float = 0.0
    margin: float = MARGIN


NOTHING = LeftOut()


@dataclass(frozen=True)
class PlansLeft:
    """The plans that are left, and what became of the others."""

    candidates: tuple[Candidate, ...]
    left_out: LeftOut = NOTHING

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)


def pruned_space(costs: NetworkCosts, pruning: Pruning = USUAL, placement: Placement = ANYWHERE) -> PlansLeft:
    """The plans of a network that may be the best one; device-only plans are all kept, as a last resort.

    Args:
        costs: what every stage costs.
        pruning: what may be left out.
        placement: what the edge may not see.
    """
    groups: list[tuple[Sequence[Candidate], RemotePlans | None]] = []
    for number, plans in enumerate(remote_plans(costs, placement)):
        groups.append((tuple(device_only(costs, number)), None))
        groups += [((), asking) for asking in (plans, *early_twins(costs, plans, placement))]
    kinds = [
        _alone(costs, candidates, pruning) if plans is None else _kinds(costs, plans, pruning)
        for candidates, plans in groups
    ]
    kept, tolerance = _few(np.concatenate(kinds), pruning.most)
    left: list[Candidate] = []
    for (candidates, remote), of_group in zip(groups, kinds, strict=True):
        left += candidates
        if remote is not None:
            left += (remote.candidate(int(k)) for k in np.flatnonzero(kept[: len(of_group)]))
        kept = kept[len(of_group) :]
    return PlansLeft(tuple(left), LeftOut(sum(map(len, kinds)) - len(left), tolerance, pruning.margin))


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


def _few(kinds: FloatArray, most: int) -> tuple[BoolArray, float]:
    """The rows that are left with the least tolerance that leaves so few, and that tolerance."""
    for tolerance in _TOLERANCES:
        kept = undominated(kinds, tolerance, most)
        if np.count_nonzero(kept) <= most:
            return kept, tolerance
    return undominated(kinds, _LARGEST_TOLERANCE), _LARGEST_TOLERANCE


def _alone(costs: NetworkCosts, candidates: Sequence[Candidate], pruning: Pruning) -> FloatArray:
    """The kinds of cost of an exit's device-only plans: the plain one, and the twin that asks on its way."""
    nothing = np.zeros(len(candidates), dtype=np.int64)
    plan = candidates[0].plan
    (stage,) = costs.stages(plan)
    seconds = np.zeros((len(Step), len(candidates)))
    seconds[stage.step] = costs.seconds(stage)
    until = np.array([candidate.asks_until for candidate in candidates], dtype=np.int64)
    columns = PlanColumns(nothing, nothing, nothing, until, seconds, np.zeros((len(MOVES), len(candidates))))
    asked = costs.asked_before(plan.exit, RAW)
    worth = [[candidate.accuracy, candidate.depth, 0.0, 0.0] for candidate in candidates]
    return _columns(costs, plan.exit, asked, columns, np.array(worth, dtype=np.float64), pruning)


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
    (up_s, up_bytes), (down_s, down_bytes) = _by_step(costs, ups), _by_step(costs, downs)
    start = np.array([at.point for at in plans.ups], dtype=np.int64)[plans.up]
    stop = np.array([at.point for at in plans.downs], dtype=np.int64)[plans.down]
    window_s = np.zeros((layers + 1, layers + 1))
    for window in set(zip(start.tolist(), stop.tolist(), strict=True)):
        window_s[window] = costs.seconds(run_on_edge(name, *window))
    seconds = up_s[:, plans.up] + down_s[:, plans.down]
    seconds[Step.RUN_EDGE] += window_s[start, stop]
    until = np.zeros_like(start) if plans.asks_until is None else plans.asks_until
    size_bytes = np.stack([up_bytes[plans.up], down_bytes[plans.down]])
    columns = PlanColumns(start, stop, plans.reached, until, seconds, size_bytes)
    sends_file = np.array([at.point == 0 and at.codec == FILE for at in plans.ups], dtype=np.float64)[
        plans.up
    ]
    worth = np.stack([plans.accuracy, plans.depth, sends_file, -sends_file], axis=1)
    return _columns(costs, name, plans.asked, columns, worth, pruning)


def _columns(
    costs: NetworkCosts,
    exit_name: str,
    asked: Sequence[CheckedExit],
    plans: PlanColumns,
    worth: FloatArray,
    pruning: Pruning,
) -> FloatArray:
    """Each kind of cost, and what a plan is worth as a cost that is saved. Shape (n_plans, n_kinds).

    Where exits are asked, all kinds are there twice: at worst, for the deadline, and in the mean.
    """
    round_trips = (plans.stop > 0).astype(np.float64)
    if not any(costs.asked.values()):
        kinds = _on_any_link(plans.seconds, plans.size_bytes, round_trips, pruning)
        counted = _counted(plans.seconds, pruning)
    else:
        early = under_exit_rule(costs, exit_name, asked, plans)
        kinds = _on_any_link(early.worst_s, plans.size_bytes, round_trips, pruning)
        kinds += _on_any_link(early.mean_s, early.mean_bytes, early.asking, pruning)
        counted = _counted(early.mean_s, pruning)
    return np.stack([*kinds, *counted, *-worth.T], axis=1)


def _on_any_link(
    seconds: FloatArray, size_bytes: FloatArray, round_trips: FloatArray, pruning: Pruning
) -> list[FloatArray]:
    """Bytes, round trips, and computation with either node slower than profiled. Shape (n_plans,) each."""
    ratio = pruning.margin**2
    device_s = pruning.slowdown * seconds[list(DEVICE_STEPS)].sum(axis=0)
    edge_s = seconds[list(EDGE_STEPS)].sum(axis=0)
    return [*size_bytes, round_trips, ratio * device_s + edge_s, device_s + ratio * edge_s]


def _counted(seconds: FloatArray, pruning: Pruning) -> list[FloatArray]:
    """Seconds of the nodes whose seconds count by themselves. Shape (n_plans,) each."""
    return [seconds[list(steps_at(place))].sum(axis=0) for place in pruning.counted]


def _by_step(costs: NetworkCosts, of_crossings: Sequence[Sequence[Stage]]) -> tuple[FloatArray, FloatArray]:
    """Seconds of each step around each crossing, and its bytes. Shapes (n_steps, n) and (n,)."""
    seconds, size_bytes = np.zeros((len(Step), len(of_crossings))), np.zeros(len(of_crossings))
    for k, stages in enumerate(of_crossings):
        for stage in stages:
            seconds[stage.step, k] += costs.seconds(stage)
            size_bytes[k] += costs.size_bytes(stage)
    return seconds, size_bytes
