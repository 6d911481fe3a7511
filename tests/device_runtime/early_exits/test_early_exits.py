"""Exits on the device's own way let inputs leave that they are sure of."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.early_exits.early_exits import EarlyExits
from device_runtime.local_exits.sessions import Sessions
from edgent.core.exit_rules.rule import ExitRule
from edgent.errors import PlanError
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan
from edgent.planning.stages import Step, run_on_device
from tests.cuts import noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.network import Network

IMAGE = np.zeros((3, 8, 8), np.uint8)
ALONE, FIRST, CUT = (Plan.parse(f"exit2:{window}+early") for window in ("p0", "p3-p8", "p3"))
SURE = ExitRule("largest_probability", {"exit1": 0.9})  # a fake exit answers with a probability of 1
UNSURE = ExitRule("largest_probability", {"exit1": 1.0})
TRUNK, BRANCH, REST = (0, 3), (3, 6), (3, 8)


class Chooses:
    """A planner that wants what a test says."""

    calibration = None

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def decide(self, _: float) -> Decision:
        """Always the same."""
        return self.decision


def ran(made: Any) -> list[tuple[int, int]]:
    """The layers that the device ran."""
    return [(stage.start, stage.stop) for stage in made.sessions.ran]


def loaded(made: Any) -> Any:
    """The scene, once all that its plan may run is loaded, with pieces of 6, 4 and 14 ms."""
    for stage in made.network.stages(made._parts.plan):
        if stage.step in {Step.RUN_BEFORE, Step.RUN_DEVICE}:
            for one in made.runtime._execution._asking._early_exits.stages(stage):
                made.sessions.load(one)
    made.sessions.piece_s = {
        ("exit2", *TRUNK): 0.006,
        ("exit1", *BRANCH): 0.004,
        ("exit2", *REST): 0.014,
    }
    return made


def test_a_device_alone_stops_where_it_is_sure(scene: Callable[..., Any]) -> None:
    """The rest of the path is never run, and the answer says where it left."""
    made = loaded(scene(ALONE, SURE))
    answer = made.runtime.infer(IMAGE)
    assert ran(made) == [TRUNK, BRANCH]
    assert (answer.plan, answer.wanted) == (Plan.device_only("exit1"), ALONE)
    assert answer.left_early
    assert answer.passed == ("exit1",)
    assert answer.class_index == 0
    assert answer.edge_error is None
    assert answer.latency_s == pytest.approx(0.010)
    assert answer.to_json()["left_early"] is True


def test_who_is_not_sure_goes_on_from_where_it_is(scene: Callable[..., Any]) -> None:
    """Nothing is run twice; what asking took is in no step, as it says nothing of the path."""
    made = loaded(scene(ALONE, UNSURE))
    answer = made.runtime.infer(IMAGE)
    assert ran(made) == [TRUNK, BRANCH, REST]
    assert (answer.plan, answer.class_index, answer.left_early) == (ALONE, 1, False)
    assert answer.passed == ("exit1", "exit2")
    assert answer.timeline.total_s == pytest.approx(0.020)
    assert answer.latency_s == pytest.approx(0.024)


def test_what_leaves_before_the_window_never_crosses(scene: Callable[..., Any]) -> None:
    """The exit at the cut itself is asked, too: its branch begins with what would be sent."""
    made = loaded(scene(FIRST, SURE))
    answer = made.runtime.infer(IMAGE)
    assert made.edge.asked == []
    assert answer.plan == Plan.device_only("exit1")
    assert answer.left_early


def test_what_does_not_leave_is_sent(scene: Callable[..., Any]) -> None:
    """Asking is neither among the layers before the window nor in the writing of the frame."""
    made = loaded(scene(FIRST, UNSURE))
    made.edge.script = [made.answers(FIRST, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert len(made.edge.asked) == 1
    assert (answer.plan, answer.left_early) == (FIRST, False)
    assert answer.timeline.before_s == pytest.approx(0.006)
    assert answer.timeline.encode_s == pytest.approx(0.0)


def test_an_exit_behind_the_window_is_asked(scene: Callable[..., Any]) -> None:
    """The edge gave the trunk's activation; the device goes no further than it must."""
    made = loaded(scene(CUT, SURE))
    made.edge.script = [made.answers(CUT, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert ran(made) == [BRANCH]
    assert answer.plan == Plan("exit1", 3)
    assert answer.wanted == CUT
    assert answer.left_early


def test_nobody_is_asked_of_what_a_codec_changed(scene: Callable[..., Any]) -> None:
    """The thresholds were found on activations as they are."""
    lossy = replace(CUT, codec_down="uint8")
    made = loaded(scene(lossy, SURE))
    made.edge.script = [made.answers(lossy, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert ran(made) == [REST]
    assert (answer.plan, answer.left_early) == (lossy, False)
    assert answer.not_asked == "tiny has not loaded the layers between exits yet"  # of the edge's


def test_a_plan_with_no_exit_to_ask_says_so(scene: Callable[..., Any]) -> None:
    """Exit 1 is the shallowest: nothing lies before it."""
    made = loaded(scene(replace(ALONE, exit="exit1"), SURE))
    answer = made.runtime.infer(IMAGE)
    assert answer.not_asked == (
        "no exit on its way is worth asking of inputs that come as this plan sends them"
    )


@pytest.mark.parametrize(("requirement_s", "asks"), [(0.030, True), (0.021, False)])
def test_a_deadline_counts_as_if_nobody_left(
    scene: Callable[..., Any], requirement_s: float, asks: bool
) -> None:
    """Exit 2 takes 20 ms in pieces and asking 4: where that does not fit, it is run in one go."""
    made = loaded(scene(ALONE, SURE))
    made.plan_by(Chooses(Decision(ALONE, 0.020, True, 0, "is a test's")))
    answer = made.runtime.infer(IMAGE, requirement_s)
    assert answer.left_early is asks
    late = "inputs that leave nowhere would be late: 24.00 ms, and 21.00 are left"
    assert answer.not_asked == (None if asks else late)
    assert ran(made) == ([TRUNK, BRANCH] if asks else [(0, 8)])
    assert answer.met_requirement


@pytest.mark.parametrize("plan", [ALONE, CUT])
def test_a_plan_that_does_not_leave_early_asks_nobody(scene: Callable[..., Any], plan: Plan) -> None:
    """Whatever the spec's rule says."""
    plain = replace(plan, leaves_early=False)
    made = loaded(scene(plain, SURE))
    made.edge.script = [made.answers(plain, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert ran(made) == [(plan.stop, 8)]
    assert (answer.plan, answer.left_early, answer.not_asked) == (plain, False, None)


def test_without_a_rule_no_plan_leaves_early(scene: Callable[..., Any]) -> None:
    """It is said how to find one."""
    made = scene(replace(ALONE, leaves_early=False))
    with pytest.raises(PlanError, match=r"exit2:p0\+early: .* has no exit rule .*, or write exit2:p0"):
        made.runtime.infer(IMAGE, plan="exit2:p0+early")


def test_sessions_that_are_not_loaded_ask_nobody(scene: Callable[..., Any]) -> None:
    """Loading takes longer than any exit saves."""
    made = scene(FIRST, SURE)
    made.plan_by(Chooses(Decision(FIRST, 0.020, True, 0, "is a test's")))
    made.sessions.loaded.clear()
    made.edge.script = [made.answers(FIRST, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert not answer.left_early
    assert answer.to_json()["not_asked"] == "the layers between exits are not loaded on the device yet"
    assert len(made.edge.asked) == 1


def test_a_plan_that_the_caller_names_loads_what_asks(scene: Callable[..., Any]) -> None:
    """Once: who names a plan waits for it."""
    made = scene(FIRST, SURE)
    made.sessions.loaded.clear()
    answer = made.runtime.infer(IMAGE)
    assert (answer.left_early, answer.passed, answer.not_asked) == (True, ("exit1",), None)


def test_a_quicker_exit_in_place_of_the_planned_one_is_explained(scene: Callable[..., Any]) -> None:
    """Exit 2 would be late, so exit 1 answers, on whose way nobody is asked."""
    made = loaded(scene(ALONE, SURE))
    made.plan_by(Chooses(Decision(ALONE, 0.010, True, 0, "is a test's")))
    answer = made.runtime.infer(IMAGE, 0.015)
    assert (answer.plan.exit, answer.left_early) == ("exit1", False)
    assert answer.not_asked == "inputs that leave nowhere would be late: 20.00 ms, and 15.00 are left"


def test_the_shallowest_exit_asks_nobody(tiny_network: Network) -> None:
    """There is none before it, and a rule without a threshold for an exit does not ask it."""
    sessions: Any = None
    shallow, whole = run_on_device("exit1", 0, 6), run_on_device("exit2", 0, 8)
    early = EarlyExits(SURE, tiny_network.graph, sessions, time.perf_counter)
    assert early.asks(whole)
    assert not early.asks(shallow)
    never = EarlyExits(ExitRule("margin", {}), tiny_network.graph, sessions, time.perf_counter)
    assert not never.asks(whole)
    assert never.stages(whole) == [whole]


def test_paths_in_pieces_are_timed_without_the_exits(scene: Callable[..., Any]) -> None:
    """Exit 2's two pieces take 6 and 14 ms; exit 1 is asked by nobody on its own way."""
    made = loaded(scene(ALONE, SURE))
    runs_s = made.runtime._execution._asking._early_exits.runs_at_once_s()
    assert runs_s["exit2"] == pytest.approx((0.020,))
    assert runs_s["exit1"] == pytest.approx((0.010,))


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_logits_are_those_of_the_exit_that_answers(tiny_network: Network, threshold: float) -> None:
    """Whatever exit answers: as its whole path gives them, but for how sums are fused across a cut."""
    sessions = Sessions(tiny_network)
    rule = ExitRule("entropy", {"exit1": threshold})
    early = EarlyExits(rule, tiny_network.graph, sessions, time.perf_counter)
    layers = len(tiny_network.graph.path_of("exit2").layers)
    for image in noise(tiny_network):
        walked = early.walk(run_on_device("exit2", 0, layers), image[None])
        name = walked.left_at or "exit2"
        path = run_on_device(name, 0, len(tiny_network.graph.path_of(name).layers))
        np.testing.assert_allclose(walked.output, sessions.run(path, image[None]), atol=1e-5)
        assert name == ("exit1" if threshold == 0.0 else "exit2")
        assert walked.passed == ("exit1",)
