"""Exits inside a window: what the edge is asked, and what the device makes of an exit's answer."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from device_runtime.carrying_out.outcome import Outcome
from device_runtime.early_exits.asking import Asking
from device_runtime.early_exits.early_exits import EarlyExits
from device_runtime.early_exits.edge_exits import EdgeExits
from device_runtime.edges.addresses import AddressBook
from device_runtime.edges.edges import Edge, Edges
from device_runtime.learning.learning import Learning
from edgent.core.exit_rules.rule import NEVER, ExitRule
from edgent.core.frame_exits import ExitsAsked
from edgent.core.wire import window_identity
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan
from edgent.planning.stages import Step, run_on_device

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.timeline import Timeline
    from edgent.network import Network

IMAGE = np.zeros((3, 8, 8), np.uint8)
RULE = ExitRule("largest_probability", {"exit1": 0.9})  # a fake exit answers with a probability of 1
WHOLE, CUT, INNER = (Plan.parse(f"exit2:{window}+early") for window in ("p8", "p3", "p1-p5"))
ANSWER = Plan("exit1", 6)


class Chooses:
    """A planner that wants what a test says."""

    calibration = None

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def decide(self, _: float) -> Decision:
        """Always the same."""
        return self.decision


def test_what_the_edge_is_asked(tiny_network: Network) -> None:
    """The exit by its own layers, and its threshold; of the pipeline's endpoint, which has these layers."""
    exits = EdgeExits(tiny_network, RULE)
    path = tiny_network.graph.paths[0]
    branch = window_identity(tiny_network.graph.sha256, path.cut_tensor(3), path.cut_tensor(6))
    for plan in (WHOLE, CUT, INNER):
        inside = exits.inside(plan)
        assert inside is not None
        assert inside.names == ("exit1",)
        assert (inside.to_ask.branches, inside.to_ask.thresholds) == ((branch,), (0.9,))
    endpoints = [address.endpoint for address in AddressBook(tiny_network, exits).of(WHOLE)]
    assert endpoints == ["tiny", "tiny-exit2-p08"]
    plain = replace(WHOLE, leaves_early=False)
    assert [address.endpoint for address in AddressBook(tiny_network, exits).of(plain)] == endpoints[::-1]


@pytest.mark.parametrize(
    "plan",
    [
        "exit2:p2+early",
        "exit2:p3-p8+early",
        "exit1:p6+early",
        "exit2:p0+early",
        "exit2:p8:jpeg:float32+early",
        "exit2:p1-p8:uint8:float32+early",
        "exit2:p8",
    ],
)
def test_who_is_asked_nothing(plan: str, tiny_network: Network) -> None:
    """No exit inside, none that is shallower, nothing on the edge, a lossy codec, a plan that asks nobody."""
    assert EdgeExits(tiny_network, RULE).inside(Plan.parse(plan)) is None


@pytest.mark.parametrize("thresholds", [{}, {"exit1": NEVER}])
def test_an_exit_that_is_never_left_at_is_not_asked(
    thresholds: dict[str, float], tiny_network: Network
) -> None:
    """An infinite threshold never travels."""
    assert EdgeExits(tiny_network, ExitRule("margin", thresholds)).inside(WHOLE) is None


@pytest.mark.parametrize("plan", [WHOLE, CUT])
def test_the_edge_answers_with_an_exit(scene: Callable[..., Any], plan: Plan) -> None:
    """No tail is run, and the answer says which exit gave it."""
    made = scene(plan, RULE)
    made.edge.script = [made.answers(ANSWER, 0.003, exits=ExitsAsked(0))]
    answer = made.runtime.infer(IMAGE)
    assert made.sessions.ran == []
    assert made.edge.to_ask[0].thresholds == (0.9,)
    assert (answer.plan, answer.wanted, answer.left_early) == (ANSWER, plan, True)
    assert (answer.class_index, answer.endpoint, answer.edge_error) == (7, "tiny", None)
    assert answer.timeline.edge_s == pytest.approx(0.002)
    assert answer.latency_s == pytest.approx(0.003)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            "exit2:p2:raw:uint8+early",
            "exit1 is not asked, as no threshold is known for what comes there behind uint8",
        ),
        (
            "exit2:p2-p8:uint8:float32+early",
            "exit1 is not asked, as no threshold is known for what comes there",
        ),
        ("exit2:p2+early", None),
        ("exit2:p3:raw:uint8+early", None),
        ("exit2:p2:raw:uint8", None),
    ],
)
def test_exits_that_a_plan_can_never_ask_are_named(
    tiny_network: Network, plan: str, said: str | None
) -> None:
    """Behind an activation that lost something on the link; not those before it, nor under other plans."""
    early = EarlyExits(RULE, tiny_network.graph, cast("Any", None), cast("Any", None))
    asking = Asking(cast("Any", None), cast("Any", None), early)
    why = asking.why_not_beyond(tiny_network, Plan.parse(plan))
    assert why == said if said is None else (why or "").startswith(said)


def test_answers_say_which_exits_were_not_asked(scene: Callable[..., Any]) -> None:
    """Although the plan leaves early."""
    plan = Plan.parse("exit2:p2:raw:uint8+early")
    made = scene(plan, RULE)
    made.edge.script = [made.answers(plan, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert (answer.plan, answer.edge_error) == (plan, None)
    assert "exit1 is not asked, as no threshold is known" in (answer.not_asked or "")


def test_who_passes_the_edges_exits_is_not_asked_again(scene: Callable[..., Any]) -> None:
    """The exit at the end of the window was asked there; what that took is in no step."""
    made = scene(CUT, RULE)
    made.edge.script = [made.answers(CUT, 0.003, exits=ExitsAsked(None, 0.0015))]
    answer = made.runtime.infer(IMAGE)
    assert [(stage.exit, stage.start, stage.stop) for stage in made.sessions.ran] == [("exit2", 3, 8)]
    assert (answer.plan, answer.left_early) == (CUT, False)
    assert answer.timeline.edge_s == pytest.approx(0.0005)


def test_an_edge_that_asks_nobody(scene: Callable[..., Any]) -> None:
    """A pipeline whose pieces are being loaded: the window's answer is as good as ever, and it is said."""
    made = scene(WHOLE, RULE)
    made.edge.script = [made.answers(WHOLE, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert (answer.plan, answer.left_early) == (WHOLE, False)
    assert answer.not_asked == "tiny has not loaded the layers between exits yet"
    assert made.runtime._answering._shares.running == {}


def test_a_head_that_asks_nobody(scene: Callable[..., Any]) -> None:
    """Where the pipeline's endpoint refuses, the head's own answers, and it is said that it asks no exits."""
    made = scene(WHOLE, RULE)
    made.edge.script = [made.answers(CUT, 0.003), made.answers(WHOLE, 0.003)]  # tiny's has another shape
    answer = made.runtime.infer(IMAGE)
    assert (answer.endpoint, answer.passed) == ("tiny-exit2-p08", ())
    assert answer.not_asked == (
        "tiny-exit2-p08 serves one head and asks no exits; tiny, which does, is not ready"
    )


def test_what_the_device_asks_behind_the_window_is_not_missed(scene: Callable[..., Any]) -> None:
    """The exit at the end of the window that the edge did not ask is asked here."""
    made = scene(CUT, RULE)
    made.edge.script = [made.answers(CUT, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert (answer.passed[:1], answer.not_asked) == (("exit1",), None)


def test_an_exit_of_another_shape_is_refused(scene: Callable[..., Any]) -> None:
    """It is checked against what the exit gives; the head is next, and what it gives is asked here."""
    made = scene(CUT, RULE)
    made.edge.script = [made.answers(CUT, 0.003, exits=ExitsAsked(0)), made.answers(CUT, 0.003)]
    answer = made.runtime.infer(IMAGE)
    assert [endpoint for endpoint, *_ in made.edge.asked] == ["tiny", "tiny-p03"]
    assert (answer.plan, answer.endpoint) == (Plan("exit1", 3), "tiny-p03")


@pytest.mark.parametrize(("requirement_s", "asks"), [(0.050, True), (0.0199, False)])
def test_a_deadline_counts_as_if_nobody_left(
    scene: Callable[..., Any], requirement_s: float, asks: bool
) -> None:
    """The plan takes 20 ms, the exit's own layers among them."""
    made = scene(WHOLE, RULE)
    made.plan_by(Chooses(Decision(WHOLE, 0.020, True, 0, "is a test's")))
    made.edge.script = [made.answers(WHOLE, 0.003)]
    answer = made.runtime.infer(IMAGE, requirement_s)
    assert [exits is not None for exits in made.edge.to_ask] == [asks]
    late = "inputs that leave nowhere would be late: 20.00 ms, and 19.90 are left"
    assert asks or answer.not_asked == late


def test_what_leaves_late_is_given_beside_the_local_exit(
    scene: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edge's answer comes while a local exit runs: it is an exit's own, so no tail is run."""
    made = scene(WHOLE, RULE)
    made.edge.script = [made.answers(WHOLE, 10.0)]
    start = made.local_exits.start

    def arrive_first(exit_name: str, tensor: np.ndarray, first: int = 0) -> Any:
        exits = made.runtime._execution._asking._early_exits.on_edge(WHOLE)
        arrival = replace(made.arrival(ANSWER, exits=ExitsAsked(0)), exits=exits)
        made.edge.under_way.set_result(arrival)
        return Future(), start(exit_name, tensor, first)[1]

    monkeypatch.setattr(made.local_exits, "start", arrive_first)
    answer = made.runtime.infer(IMAGE, 0.1)
    assert (answer.plan, answer.class_index, answer.left_early) == (ANSWER, 7, True)
    assert answer.edge_error is None


class Remembers:
    """A calibration of plans that remembers what it is told."""

    edge_factor = device_factor = 1.0

    def __init__(self, profiled: Any) -> None:
        self.profiled = self.table = profiled
        self.told: list[Any] = []

    def observe(self, k: int, timeline: Timeline, *_: Any) -> None:
        """Remember it."""
        self.told.append((k, timeline))


class OnePlan(SimpleNamespace):
    """Of a cost table what learning asks of it; it has the plan, whichever it is."""

    def __contains__(self, plan: object) -> bool:
        return True


@pytest.mark.parametrize(("exits", "learns"), [(ExitsAsked(0), False), (ExitsAsked(None, 0.0005), True)])
def test_what_leaves_inside_a_window_says_nothing_of_its_speed(
    scene: Callable[..., Any], exits: ExitsAsked, learns: bool
) -> None:
    """Neither of its layers nor of what reads its answer; of the link it does."""
    made = scene(CUT, RULE)
    plan = ANSWER if exits.left_at == 0 else CUT
    made.edge.script = [made.answers(plan, 0.003, exits=exits)]
    answer = made.runtime.infer(IMAGE)
    seconds = np.full((len(Step), 1), 0.001)
    calibration: Any = Remembers(OnePlan(index_of=[CUT].index, seconds=seconds))
    outcome = Outcome(
        answer.plan,
        answer.logits,
        answer.timeline,
        left_early=answer.left_early,
        left_on_edge=answer.left_early,
    )
    edge = Edge(made.edge, cast("Any", SimpleNamespace(calibration=calibration)))
    Learning(made.local_exits, Edges([edge])).learn(replace(outcome, edge=edge.session), answer)
    ((k, told),) = calibration.told
    assert k == 0
    assert (told.edge_s > 0, told.decode_s > 0, told.tail_s > 0) == (learns, learns, learns)
    assert answer.timeline.edge_s == pytest.approx(0.0015 if learns else 0.002)
    (transfer,) = made.edge.observed
    assert transfer.seconds == pytest.approx(0.004 - (0.002 if learns else 0.001))
    assert transfer.received_bytes == 200


def test_the_answer_says_that_shares_have_moved(scene: Callable[..., Any]) -> None:
    """Half of the held-out inputs left at the exit; now all do, and one answer says so."""
    made = scene(Plan.parse("exit2:p0+early"), RULE)
    for stage in made.runtime._execution._asking._early_exits.stages(run_on_device("exit2", 0, 8)):
        made.sessions.load(stage)
    drifts = [made.runtime.infer(IMAGE).drift for _ in range(60)]
    (drift,) = filter(None, drifts)
    assert drift.startswith(
        f"of {drifts.index(drift) + 1} inputs that came to exit1, 100.0% left there early"
    )
    assert made.runtime.infer(IMAGE).to_json()["drift"] is None
