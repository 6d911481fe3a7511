"""Pieces between exits that are asked, and how far plans ask them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.accuracy.exit_rule_file import CalibratedRule, ExitThreshold, SureInputs, ThresholdsFound
from edgent.errors import PlanError
from edgent.generated_file import Provenance
from edgent.latency.asked_places import asked_places
from edgent.latency.costs import network_costs
from edgent.latency.places import Place
from edgent.latency.timing import Timing
from edgent.network import Network
from edgent.plan_check import check_plan
from edgent.planning.checked_exit import CheckedExit
from edgent.planning.plan import Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table
from tests.latency.test_costs import ACCURACIES, by_hand

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile

ASKED = CheckedExit("exit1", 3, 0.5, {"exit2": 0.01})


def test_a_path_is_cut_at_each_exit(network: Network) -> None:
    """Into pieces between any two of its ends, and exit 1's own layers; without exits there is nothing."""
    assert asked_places(network.graph, [ASKED]) == [
        Place("exit1", 3, 6),
        Place("exit2", 0, 3),
        Place("exit2", 0, 8),
        Place("exit2", 3, 8),
    ]
    assert asked_places(network.graph, []) == []


def test_pieces_count_as_measured(network: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """Where a profile has them, the worst and the mean are made of these; else it is a prediction."""
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    head = next(row for row in nodes[0].segments if (row.exit, row.start, row.stop) == ("exit2", 3, 8))
    pieces = (replace(head, start=0, stop=3, timing=Timing((7000.0,), (7000.0,), 3)),)
    measured = replace(nodes[0], segments=(*nodes[0].segments, *pieces))
    plan = Plan("exit2", 0, leaves_early=True)
    for profile, is_known in ((nodes[0], False), (measured, True)):
        costs = network_costs(network, profile, nodes[1], ACCURACIES, asked={"raw": (ASKED,)})
        table = build_cost_table(costs)
        k = table.index_of(plan)
        assert table.predicted[k] != is_known
        assert table.accuracy[k] == pytest.approx(0.79)
    assert table.seconds[Step.RUN_DEVICE, k] == pytest.approx(7e-3 + 5e-3)
    assert table.seconds[Step.ASK_DEVICE, k] == pytest.approx(3e-3)
    assert table.in_the_mean.device_compute_s[k] == pytest.approx(7e-3 + 3e-3 + 0.5 * 5e-3)


def test_a_device_asks_as_far_as_plans_count_on(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """What a network says of a plan is what its costs were made for."""
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    costs = network_costs(network, *nodes, ACCURACIES, windows=True, asked={"raw": (ASKED,)})
    twins = [candidate for candidate in plan_space(costs) if candidate.plan.leaves_early]
    assert {candidate.plan.codec_down for candidate in twins} == {"float32", "uint8"}
    assert any(candidate.plan.codec_up == "uint8" for candidate in twins)
    for candidate in twins:
        assert network.asks_until(candidate.plan) == candidate.asks_until


def test_where_answers_stay_only_the_device_asks(
    network: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """In plans as in what a device does with them."""
    placement = network.spec.placement.model_copy(update={"answer_stays": True})
    spec = network.spec.model_copy(update={"placement": placement})
    private = Network(spec, network.graph, network.segments)
    nodes = by_hand(device, 1000, 30), by_hand(edge, 100, 20)
    costs = network_costs(network, *nodes, ACCURACIES, windows=True, asked={"raw": (ASKED,)})
    twins = [one for one in plan_space(costs, placement.rules) if one.plan.leaves_early and one.plan.remote]
    assert twins
    for candidate in twins:
        assert candidate.asks_until == private.asks_until(candidate.plan) == candidate.plan.start


@pytest.fixture
def ruled(network: Network) -> Network:
    """With thresholds for exit 1, behind jpeg, too."""
    ruled = Network(network.spec, network.graph, network.segments)
    thresholds = (ExitThreshold("exit1", 0.9), ExitThreshold("exit2", None))
    together = (SureInputs((), 1, (1, 1)),)
    vars(ruled)["exit_rule"] = CalibratedRule(
        made_by=Provenance.here_and_now(network.graph.sha256, "test"),
        measure="margin",
        loss=0.1,
        confidence=0.9,
        inputs=1,
        scored_by="accuracy",
        exits=thresholds,
        together=together,
        codecs={"jpeg": ThresholdsFound(thresholds, together)},
    )
    return ruled


def test_a_codec_with_thresholds_is_asked_behind(network: Network, ruled: Network) -> None:
    """And no other that loses something; what comes down in one is asked no more."""
    for text, of_plain, of_ruled in (
        ("exit2:p8:jpeg:float32+early", 0, 8),
        ("exit2:p5:jpeg:uint8+early", 0, 5),
        ("exit2:p5:jpeg50:float32+early", 0, 0),
        ("exit2:p5:webp:float32+early", 8, 8),
    ):
        plan = Plan.parse(text)
        assert (network.asks_until(plan), ruled.asks_until(plan)) == (of_plain, of_ruled)


def test_a_plan_that_can_ask_nobody_is_refused(ruled: Network) -> None:
    """By hand as by the planner, which makes no such plan: exit 1 stands at partition point 3."""
    for text in ("exit2:p0+early", "exit2:p5+early", "exit2:p3:uint8+early"):
        check_plan(ruled, Plan.parse(text))
    with pytest.raises(PlanError, match=r"no exit on the way to exit1 lets .*; write exit1:p0$"):
        check_plan(ruled, Plan.parse("exit1:p0+early"))
    with pytest.raises(PlanError, match=r"up to partition point 2 .* stands at 3; write exit2:p2:uint8$"):
        check_plan(ruled, Plan.parse("exit2:p2:uint8+early"))
    placement = ruled.spec.placement.model_copy(update={"answer_stays": True})
    private = replace(ruled, spec=ruled.spec.model_copy(update={"placement": placement}))
    vars(private)["exit_rule"] = ruled.exit_rule
    check_plan(private, Plan.parse("exit2:p3-p5+early"))
    with pytest.raises(PlanError, match=r"up to partition point 0 on its way, .* at 3; write exit2:p5$"):
        check_plan(private, Plan.parse("exit2:p5+early"))


def test_an_exit_from_the_input_is_no_way_past_others(resizing_network: Network) -> None:
    """Exit 1 is asked on the way to exit 3 and not on that to exit 2, which shares no layer with it."""
    graph = resizing_network.graph
    subject = Network(resizing_network.spec, graph, resizing_network.segments)
    rule = CalibratedRule(
        made_by=Provenance.here_and_now(graph.sha256, "test"),
        spec="",
        measure="margin",
        loss=0.1,
        confidence=0.9,
        inputs=1,
        scored_by="accuracy",
        exits=(ExitThreshold("exit1", 0.9), ExitThreshold("exit2", None), ExitThreshold("exit3", None)),
        together=(SureInputs(("exit1",), 1, (1, 0, 1)),),
    )
    vars(subject)["exit_rule"] = rule
    (checked,) = rule.checked_exits(graph.paths)
    assert checked == CheckedExit("exit1", 3, 1.0, {"exit3": 0.0})
    assert asked_places(graph, [checked]) == [
        Place("exit1", 3, 5),
        Place("exit3", 0, 3),
        Place("exit3", 0, 8),
        Place("exit3", 3, 8),
    ]
    check_plan(subject, Plan.parse("exit3:p0+early"))
    check_plan(subject, Plan.parse("exit3:p4+early"))
    for text in ("exit2:p0+early", "exit2:p4+early"):
        with pytest.raises(PlanError, match="no exit on the way to exit2 lets inputs leave early"):
            check_plan(subject, Plan.parse(text))


def test_an_exit_from_the_input_is_asked_where_the_device_does_all(resizing_network: Network) -> None:
    """Exit 2 on the way to exit 3: all of its layers run first, then those of exit 3 in one piece."""
    graph = resizing_network.graph
    checked = CheckedExit("exit2", 0, 0.5, {"exit3": 0.01})
    assert asked_places(graph, [checked]) == [Place("exit2", 0, 9), Place("exit3", 0, 8)]
