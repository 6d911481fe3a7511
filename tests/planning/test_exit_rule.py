"""What plans take where inputs leave early: by hand, and against one input after the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.core.frame_exits import asking_bytes
from edgent.errors import PlanError
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.costs import CodecCosts, ExitCosts, InnerCosts, NetworkCosts
from edgent.planning.link import Link
from edgent.planning.objective import Objective
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.placement import Placement
from edgent.planning.plan import FLOAT32, Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.stages import (
    DEVICE_STEPS,
    EDGE_STEPS,
    MOVES,
    Stage,
    Step,
    crossing_down,
)
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.planning.cost_table import CostTable
    from tests.planner_fixtures import Network

_LINK = Link(round_trip_s=0.5, upload_bps=8.0, download_bps=4.0)
_MEASURED = np.ones((4, 4), np.bool_)
_UP, _DOWN = (int(size_bytes) for size_bytes in asking_bytes(np.array(1)))
"""What asking one exit adds to a request and to its answer."""
_EXIT1 = CheckedExit("exit1", point=1, share=0.25, lost={"exit2": 0.01})


def _exit(name: str, layers_s: Sequence[float], cut_s: float = 0.0) -> ExitCosts:
    """A path of which each piece takes its layers and a cut; the edge is ten times as quick."""
    done_s = np.array([0.0, *np.cumsum(layers_s)])
    count = len(done_s)
    pieces_s = np.triu(done_s[None, :] - done_s[:, None] + cut_s, 1)
    known = _MEASURED[:count, :count]
    crossing = CodecCosts(np.array([0.0, *[8.0] * (count - 1)]))
    lossy = CodecCosts(np.array([0.0, *[2.0] * (count - 1)]), lossless=False)
    codecs = {"float32": crossing, "uint8": lossy}
    return ExitCosts(
        name,
        {("raw", "float32"): 0.9, ("jpeg", "float32"): 0.85, ("raw", "uint8"): 0.8},
        head_s=pieces_s[0] / 10,
        tail_s=pieces_s[:, -1],
        activation_codecs=codecs,
        inner=InnerCosts(pieces_s, pieces_s / 10, known, known, codecs),
    )


def _costs(cut_s: float = 0.0) -> NetworkCosts:
    """Exit 1 leaves the trunk of exit 2 after one of three layers."""
    exits = (_exit("exit1", [1.0, 4.0], cut_s), _exit("exit2", [1.0, 2.0, 3.0], cut_s))
    inputs = {"raw": CodecCosts(100.0), "jpeg": CodecCosts(10.0, lossless=False)}
    return NetworkCosts(exits, inputs, asked={"raw": (_EXIT1,)})


def _of(table: CostTable, plan: str) -> tuple[float, ...]:
    """Mean and worst latency, and mean bytes up and down."""
    k, mean = table.index_of(Plan.parse(plan)), table.in_the_mean
    return (mean.latency_s(_LINK)[k], table.latency_s(_LINK)[k], *mean.size_bytes[:, k].tolist())


def test_on_the_device() -> None:
    """All run one layer and the branch of 4 s, three quarters go on for 5 s; the device may be slower."""
    table = build_cost_table(_costs())
    assert _of(table, "exit2:p0+early") == pytest.approx((1 + 4 + 0.75 * 5, 1 + 4 + 5, 0, 0))
    assert _of(table.slowed(3), "exit2:p0+early") == pytest.approx((3 * 8.75, 3 * 10, 0, 0))
    assert _of(table, "exit2:p0") == pytest.approx((6, 6, 0, 0))  # who asks nobody is spared the branch


def test_cutting_the_path_counts() -> None:
    """Two pieces and the branch take a cut each, of which the path in one go has one."""
    table = build_cost_table(_costs(cut_s=0.5))
    assert _of(table, "exit2:p0")[0] == pytest.approx(6.5)
    assert _of(table, "exit2:p0+early")[:2] == pytest.approx((1.5 + 4.5 + 0.75 * 5.5, 1.5 + 4.5 + 5.5))


def test_before_the_device_sends() -> None:
    """What leaves there never crosses the link, nor waits for a round trip."""
    table = build_cost_table(_costs(), 10, 20)
    up_s, down_s = 8 * (8 + 10) / 8, 8 * (8 + 20) / 4
    rest_s = 0.5 + up_s + 0.2 + 0.3 + down_s
    mean_s, worst_s, up, down = _of(table, "exit2:p1-p3+early")
    assert (mean_s, worst_s) == pytest.approx((5 + 0.75 * rest_s, 5 + rest_s))
    assert (up, down) == pytest.approx((0.75 * 18, 0.75 * 28))


def test_inside_a_window() -> None:
    """The edge answers with the early exit's output, which is written as it is; all have gone up."""
    table = build_cost_table(_costs(), 10, 20)
    early_bytes = late_bytes = 8 + 20 + _DOWN
    mean_s, worst_s, up, down = _of(table, "exit2:p3+early")
    up_s = 8 * (110 + _UP) / 8
    rest_s = 0.2 + 0.3 + 8 * late_bytes / 4
    assert mean_s == pytest.approx(0.5 + up_s + 0.1 + 0.4 + 0.75 * rest_s + 0.25 * 8 * early_bytes / 4)
    assert worst_s == pytest.approx(0.5 + up_s + 0.1 + 0.4 + rest_s)
    assert (up, down) == pytest.approx((110 + _UP, 0.25 * early_bytes + 0.75 * late_bytes))


def test_after_the_edge_has_answered() -> None:
    """An exit behind the window is asked on the device, once the activation is down."""
    later = replace(_EXIT1, point=2)
    exits = (_exit("exit1", [1.0, 2.0, 4.0]), _costs().exits[1])
    table = build_cost_table(replace(_costs(), exits=exits, asked={"raw": (later,)}))
    plain_s = _of(table, "exit2:p1")[1]
    mean_s, worst_s, *_ = _of(table, "exit2:p1+early")
    assert worst_s == pytest.approx(plain_s + 4)
    assert mean_s == pytest.approx(plain_s + 4 - 0.25 * 3)


def test_nobody_is_asked_of_what_a_codec_changed() -> None:
    """The thresholds were found on what comes without loss, or in a codec for which shares are known."""
    plans = {str(candidate.plan) for candidate in plan_space(_costs())}
    assert {"exit2:p0+early", "exit2:p1+early", "exit2:p1-p2:uint8+early", "exit2:p2:uint8+early"} <= plans
    assert "exit2:p1-p2:uint8:float32+early" in plans  # asked before it is sent
    assert not {"exit1:p0+early", "exit2:p3:jpeg:float32+early", "exit2:p2-p3+early "} & plans
    under_jpeg = replace(_EXIT1, share=0.5, lost={"exit2": 0.05})
    costs = replace(_costs(), asked={"raw": (_EXIT1,), "jpeg": (under_jpeg,)})
    table = build_cost_table(costs)
    k = table.index_of(Plan.parse("exit2:p3:jpeg:float32+early"))
    assert table.accuracy[k] == pytest.approx(0.85 - 0.05)
    assert table.in_the_mean.size_bytes[1, k] == pytest.approx(8 + _DOWN)
    assert table.in_the_mean.edge_compute_s[k] == pytest.approx(0.5 + 0.5 * 0.5)


def test_where_answers_stay_the_edge_asks_no_exit() -> None:
    """An early exit's output is an answer."""
    kept = [str(found.plan) for found in plan_space(_costs(), Placement(answer_stays=True))]
    early = {plan for plan in kept if plan.endswith("+early")}
    assert "exit2:p1-p2+early" in early
    assert not {plan for plan in early if plan.startswith("exit2:p2")}


def test_the_loss_is_taken_off_the_accuracy() -> None:
    """A twin is as deep as its plan as long as it is better than the exit before."""
    costs = _costs()
    exits = (replace(costs.exits[0], accuracy={("raw", "float32"): 0.8}), costs.exits[1])
    table = build_cost_table(replace(costs, exits=exits))
    k = table.index_of(Plan.parse("exit2:p0+early"))
    assert (table.accuracy[k], table.depth[k]) == (pytest.approx(0.89), 1)
    worse = build_cost_table(costs)  # exit 1 is as good as exit 2
    assert worse.depth[k] == 0


def test_plans_are_chosen_by_the_mean_and_in_time_at_worst() -> None:
    """The twin wins where most leave, as long as the worst fits."""
    shallow = replace(_costs().exits[0], accuracy={("raw", "float32"): 0.8})
    costs = replace(_costs(), exits=(shallow, _costs().exits[1]))
    few, most = (
        build_cost_table(replace(costs, asked={"raw": (replace(_EXIT1, share=share),)}))
        for share in (0.75, 0.9)
    )
    dead = Link(0.5, 0.0, 0.0)
    assert str(exit_search(few, dead, 10.0).plan) == "exit2:p0"  # 5 s and a quarter of 5 are more than 6
    loose, tight = exit_search(most, dead, 10.0), exit_search(most, dead, 9.5)
    assert (str(loose.plan), loose.latency_s) == ("exit2:p0+early", pytest.approx(10))
    assert str(tight.plan) == "exit2:p0"
    quickest = Objective("latency", least_accuracy=0.88).search(most, dead, 10.0)
    assert str(quickest.plan) == "exit2:p0+early"
    assert quickest.reason.startswith("takes the least time in the mean, with accuracy of 0.88 at least,")
    exact = Objective("latency", least_accuracy=0.895).search(most, dead, 10.0)
    assert str(exact.plan) == "exit2:p0"


def test_pieces_must_be_known() -> None:
    """A rule without them plans nothing."""
    exits = tuple(replace(exit_, inner=None) for exit_ in _costs().exits)
    with pytest.raises(PlanError, match="exit exit1: what its layers take in pieces is missing"):
        replace(_costs(), exits=exits)


def test_what_was_not_measured_is_marked() -> None:
    """One piece that is predicted makes the twin a prediction, and no other plan."""
    first, second = _costs().exits
    assert second.inner is not None
    known = second.inner.device_measured.copy()
    known[1, 3] = False
    guessed = replace(second, inner=replace(second.inner, device_measured=known))
    table = build_cost_table(replace(_costs(), exits=(first, guessed)))
    marked = {str(plan) for plan, is_guess in zip(table.plans, table.predicted, strict=True) if is_guess}
    assert "exit2:p0+early" in marked
    assert not {"exit2:p0", "exit2:p3+early", "exit1:p0"} & marked


def _one_input(
    costs: NetworkCosts, plan: Plan, asked: Sequence[CheckedExit], leaves: CheckedExit | None
) -> dict[str, float]:
    """What one input takes: it goes from stage to stage, and is asked at every exit that it passes."""
    taken: defaultdict[str, float] = defaultdict(float)
    of_exit = {exit_.exit: exit_ for exit_ in costs.exits}
    inside = sum(plan.start < one.point <= plan.stop for one in asked)
    said = [int(size_bytes) for size_bytes in asking_bytes(np.array(inside))]

    def piece_s(node: str, name: str, start: int, stop: int) -> float:
        inner = of_exit[name].inner
        assert inner is not None
        return float((inner.window_s if node == "edge" else inner.device_s)[start, stop])

    def do(stage: Stage) -> None:
        if stage.step in MOVES:
            taken[stage.step.name] += costs.size_bytes(stage) + said[MOVES.index(stage.step)]
        else:
            taken[stage.step.place] += costs.seconds(stage)

    for stage in costs.stages(Plan(**{**plan.__dict__, "leaves_early": False})):
        if stage.step not in {Step.RUN_BEFORE, Step.RUN_EDGE, Step.RUN_DEVICE}:
            do(stage)
            continue
        at, node = stage.start, stage.step.place
        passed = [one for one in asked if stage.start < one.point <= stage.stop]
        for one in passed:
            taken[node] += piece_s(node, plan.exit, at, one.point)
            taken[node] += piece_s(node, one.exit, one.point, of_exit[one.exit].layers)
            at = one.point
            if one is leaves:
                answer = crossing_down(one.exit, of_exit[one.exit].layers, FLOAT32)
                for crossing in answer if node == "edge" else ():
                    do(crossing)
                return taken
        if passed:
            whole_s = piece_s(node, plan.exit, stage.start, stage.stop)
            taken[node] += costs.seconds(stage) - whole_s + piece_s(node, plan.exit, at, stage.stop)
        else:
            do(stage)
    return taken


def _asked_on(costs: NetworkCosts, plan: Plan) -> list[CheckedExit]:
    """The exits that a plan asks, by what becomes of the tensors that cross."""
    before = costs.asked_before(plan.exit, "raw")
    exit_ = next(exit_ for exit_ in costs.exits if exit_.exit == plan.exit)
    until = exit_.layers
    jumps = {jump.codec: jump for jump in exit_.jumps}
    if plan.remote:
        if plan.codec_down in jumps or plan.codec_down == "uint8":
            until = plan.stop
        if plan.codec_up in jumps:
            until = min(until, jumps[plan.codec_up].reads)
        elif plan.codec_up in {"uint8", "jpeg"}:
            until = min(until, plan.start)
    return [one for one in before if one.point <= until]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_twin_is_the_mean_of_its_inputs(
    asking_networks: st.SearchStrategy[Network], data: st.DataObject
) -> None:
    """And the worst is an input that leaves nowhere; every plan on whose way an exit is asked has a twin."""
    network = data.draw(asking_networks)
    costs, table = network.costs, build_cost_table(network.costs)
    plain = {plan for plan in table.plans if not plan.leaves_early}
    expected = {plan for plan in plain if _asked_on(costs, plan)}
    twins = {replace(plan, leaves_early=False): plan for plan in table.plans if plan.leaves_early}
    assert twins.keys() == expected
    for plan, twin in twins.items():
        k, asked = table.index_of(twin), _asked_on(costs, plan)
        going_on = 1 - sum(one.share for one in asked)
        mean: defaultdict[str, float] = defaultdict(float)
        for one, share in ((None, going_on), *((one, one.share) for one in asked)):
            for name, value in _one_input(costs, plan, asked, one).items():
                mean[name] += share * value
        worst = _one_input(costs, plan, asked, None)
        for found, wanted in ((table, worst), (table.in_the_mean, mean)):
            assert found.seconds[list(DEVICE_STEPS), k].sum() == pytest.approx(wanted["device"])
            assert found.seconds[list(EDGE_STEPS), k].sum() == pytest.approx(wanted["edge"])
            assert found.size_bytes[0, k] == pytest.approx(wanted["MOVE_UP"])
            assert found.size_bytes[1, k] == pytest.approx(wanted["MOVE_DOWN"])
        lost = sum(one.lost[plan.exit] for one in asked)
        without = table.accuracy[table.index_of(plan)]
        assert table.accuracy[k] == pytest.approx(min(max(without - lost, 0.0), 1.0))


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_without_a_rule_the_mean_is_the_table(
    windowed_networks: st.SearchStrategy[Network], data: st.DataObject
) -> None:
    """No twins, and no second table."""
    table = data.draw(windowed_networks).candidates
    assert table.in_the_mean is table
    assert not table.leaves_early.any()


def test_an_exit_that_begins_at_the_input_is_asked_by_a_device_that_does_all() -> None:
    """It takes its 5 s and spares the deeper one's 6 s; no plan that asks the edge asks it."""
    first = replace(_EXIT1, point=0)
    costs = replace(_costs(cut_s=0.5), asked={"raw": (first,)})
    table = build_cost_table(costs)
    early = [plan for plan in table.plans if plan.leaves_early]
    assert early == [Plan("exit2", 0, leaves_early=True)]
    k = table.index_of(early[0])
    assert table.device_compute_s[k] == pytest.approx(5.5 + 6.5)
    assert table.in_the_mean.device_compute_s[k] == pytest.approx(5.5 + 0.75 * 6.5)
    assert table.accuracy[k] == pytest.approx(0.9 - 0.01)
