"""A local exit beside what may still come of the plan: who ends first, and whose answer is given."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgent.core.segment import Stop
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError, QueueFullError, StoppedError
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.errors import EdgeError

IMAGE = np.zeros((3, 8, 8), np.uint8)
CUT = Plan("exit2", 3, codec_down="uint8")
INNER = Plan("exit2", 3, codec_down="uint8", start=2)
HURRY_S = 0.006  # less than the quickest local exit, which takes 10 ms


@pytest.fixture
def whole(tiny_network: Any) -> Plan:
    """Exit 2, all of it on the edge."""
    return Plan("exit2", len(tiny_network.graph.path_of("exit2").layers))


def test_the_race_is_won_by_the_edge(
    scene: Callable[[Plan], Any], whole: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole answer that comes while the exit runs stops it."""
    made = scene(whole)
    made.edge.script = [made.answers(whole, 10.0)]
    stops: list[Stop] = []
    start = made.local_exits.start

    def arrive_first(exit_name: str, tensor: np.ndarray, first: int = 0) -> Any:
        made.edge.under_way.set_result(made.arrival(whole))
        _, stop = start(exit_name, tensor, first)
        stops.append(stop)
        return Future(), stop

    monkeypatch.setattr(made.local_exits, "start", arrive_first)
    answer = made.runtime.infer(IMAGE, 0.1)
    assert (answer.plan, answer.class_index, answer.edge_error) == (whole, 7, None)
    assert stops[0].options.terminate
    assert answer.timeline.received_bytes == 200


def test_the_race_is_won_by_the_device_and_the_deeper_answer_held_out_for(
    scene: Callable[[Plan], Any], whole: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """exit1 is at hand; the edge's exit2 comes while there is time, and is the one that is given."""
    made = scene(whole)
    made.sessions.whole_s["exit2"] = 10.0
    for _ in range(200):  # exit1 is quicker than it usually is, so that there is time to hold out
        made.local_exits.observe("exit1", 1.0, waited=True)
        made.local_exits.observe("exit2", 10.0, waited=True)
    made.edge.script = [made.answers(whole, 10.0)]
    start = made.local_exits.start

    def arrive_soon(exit_name: str, tensor: np.ndarray, first: int = 0) -> Any:
        local = start(exit_name, tensor, first)
        local[0].result()
        threading.Timer(0.01, lambda: made.edge.under_way.set_result(made.arrival(whole))).start()
        return local

    monkeypatch.setattr(made.local_exits, "start", arrive_soon)
    answer = made.runtime.infer(IMAGE, 5.0)
    assert (answer.plan, answer.class_index, answer.edge_error) == (whole, 7, None)
    assert [stage.exit for stage in made.sessions.ran] == ["exit1"]


@pytest.mark.parametrize("shape", [None, (3,)], ids=["silent", "another shape"])
def test_the_race_is_won_by_the_device(
    scene: Callable[[Plan], Any], whole: Plan, shape: tuple[int, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edge stays silent, or answers with something else: the local exit's answer is given once."""
    made = scene(whole)
    made.edge.script = [made.answers(whole, 10.0)]
    if shape is not None:
        start = made.local_exits.start

        def arrive_wrong(exit_name: str, tensor: np.ndarray, first: int = 0) -> Any:
            made.edge.under_way.set_result(made.arrival(whole, shape=shape))
            return start(exit_name, tensor, first)

        monkeypatch.setattr(made.local_exits, "start", arrive_wrong)
    answer = made.runtime.infer(IMAGE, 0.1)
    assert (answer.plan, answer.class_index) == (Plan("exit2", 0), 1)
    assert answer.edge_error
    assert [stage.exit for stage in made.sessions.ran] == ["exit2"]


@pytest.mark.parametrize(
    ("error", "frames"),
    [(EdgeTimeoutError("late"), 1), (QueueFullError("full"), 2), (EdgeUnreachableError("it broke"), 0)],
)
def test_bytes_that_were_sent_in_vain_are_booked(
    scene: Callable[[Plan], Any], whole: Plan, error: EdgeError, frames: int
) -> None:
    """Of each address that was asked, whoever answers then; of a connection that broke nobody knows."""

    def fail(*_: object) -> None:
        raise error

    made = scene(whole)
    made.edge.script = [fail, fail]
    answer = made.runtime.infer(IMAGE, 0.1)
    assert answer.edge_error
    assert answer.timeline.sent_bytes == frames * len(b"frame")
    assert answer.timeline.received_bytes == 0


class Gate:
    """Local exits and tails that end when the test says; the edge's answer comes when it says."""

    def __init__(self, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = made
        self.started: list[tuple[str, int]] = []
        self.runs: dict[int, tuple[Future[np.ndarray], Stop]] = {}
        self.on_start: Callable[[int], object] = id

        def gated(stages: Any, _: np.ndarray) -> Any:
            stage = stages[0]
            ended: Future[np.ndarray] = Future()
            stop = Stop()
            self.started.append((stage.exit, stage.start))
            self.runs[stage.start] = (ended, stop)
            self.on_start(stage.start)
            return ended, stop

        monkeypatch.setattr(made.local_exits, "start_layers", gated)

    def end(self, start: int, best: int) -> None:
        """The run that began at this layer ends, with its maximum at this class."""
        logits = np.zeros((1, 10), np.float32)
        logits[0, best] = 1.0
        self.runs[start][0].set_result(logits)

    def is_stopped(self, start: int) -> bool:
        """Whether the run that began at this layer was told to end."""
        return bool(self.runs[start][1].options.terminate)


@pytest.fixture
def gate(scene: Callable[[Plan], Any], monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A device with a tail after the window, an edge that is late, and no exit that is in time."""
    made = scene(CUT)
    made.edge.script = [made.answers(CUT, 10.0)]
    return Gate(made, monkeypatch)


def test_a_plan_with_a_tail_is_first_where_nothing_is_in_time(gate: Gate) -> None:
    """The edge answers while the exit runs, and the tail ends before it: the exit is stopped."""

    def go_on(start: int) -> None:
        if start == 0:
            gate.made.edge.under_way.set_result(gate.made.arrival(CUT))
        else:
            gate.end(3, 7)

    gate.on_start = go_on
    answer = gate.made.runtime.infer(IMAGE, HURRY_S)
    assert (answer.plan, answer.class_index, answer.edge_error) == (CUT, 7, None)
    assert (answer.endpoint, answer.met_requirement) == ("tiny-p03", False)
    assert gate.started == [("exit1", 0), ("exit2", 3)]
    assert gate.is_stopped(0)
    assert "the quickest, exit1" in answer.missed


def test_the_exit_is_first_although_the_tail_has_begun(gate: Gate) -> None:
    """Its answer is given, the tail is stopped, and what the edge took is still a measurement."""

    def go_on(start: int) -> None:
        if start == 0:
            gate.made.edge.under_way.set_result(gate.made.arrival(CUT))
        else:
            gate.end(0, 2)

    gate.on_start = go_on
    answer = gate.made.runtime.infer(IMAGE, HURRY_S)
    assert (answer.plan, answer.class_index, answer.endpoint) == (Plan.device_only("exit1"), 2, None)
    assert answer.edge_error.startswith("EdgeTimeoutError")
    assert gate.is_stopped(3)
    assert len(gate.made.edge.observed) == 1


def test_the_exit_is_first_and_the_edge_silent(gate: Gate) -> None:
    """Its exchange goes on; no tail is begun."""
    gate.on_start = lambda start: gate.end(start, 2)
    answer = gate.made.runtime.infer(IMAGE, HURRY_S)
    assert (answer.plan, answer.class_index) == (Plan.device_only("exit1"), 2)
    assert gate.started == [("exit1", 0)]
    assert gate.made.edge.under_way is not None


def test_an_edge_that_fails_in_the_middle_leaves_the_exit(gate: Gate) -> None:
    """It is not started again, and its answer is given."""

    def fail(start: int) -> None:
        gate.made.edge.under_way.set_exception(EdgeUnreachableError("it broke"))
        threading.Timer(0.01, lambda: gate.end(start, 2)).start()

    gate.on_start = fail
    answer = gate.made.runtime.infer(IMAGE, HURRY_S)
    assert (answer.plan, answer.class_index) == (Plan.device_only("exit1"), 2)
    assert gate.started == [("exit1", 0)]


def test_closing_ends_the_edges_part_of_a_race(gate: Gate) -> None:
    """The exit answers the request under way; the next one is refused."""
    closing = threading.Thread(target=gate.made.runtime.close)

    def close(start: int) -> None:
        closing.start()
        while not gate.made.edge.abandoned:
            pass
        gate.made.edge.under_way.set_exception(EdgeUnreachableError("the connection was closed"))
        gate.end(start, 2)

    gate.on_start = close
    assert gate.made.runtime.infer(IMAGE, HURRY_S).plan == Plan.device_only("exit1")
    closing.join(10)
    with pytest.raises(StoppedError, match="the runtime is closed"):
        gate.made.runtime.infer(IMAGE, HURRY_S)


def test_an_edge_that_is_much_the_quickest_is_given(gate: Gate) -> None:
    """50 ms wanted, 265 ms here, 55 ms there: both begin at once, and the edge's answer is given."""
    made = gate.made
    for name in made.sessions.whole_s:
        for waited in (True, False):
            for _ in range(200):
                made.local_exits.observe(name, 0.265, waited=waited)
    decided = Decision(CUT, 0.055, meets_requirement=False, index=0, reason="is the fastest")
    made.plan_by(SimpleNamespace(decide=lambda _: decided, calibration=None))
    began_s = made.clock.now_s
    started_s: list[float] = []

    def go_on(start: int) -> None:
        started_s.append(made.clock.now_s - began_s)
        if start == 0:
            made.clock.pass_s(0.05)
            made.edge.under_way.set_result(made.arrival(CUT))
        else:
            made.clock.pass_s(0.005)
            gate.end(3, 7)

    gate.on_start = go_on
    answer = made.runtime.infer(IMAGE, 0.05)
    assert (answer.plan, answer.class_index) == (CUT, 7)
    assert answer.latency_s == pytest.approx(0.055)
    assert started_s == pytest.approx([0.0, 0.05])
    [(_, _, _, budget_s)] = made.edge.asked
    assert budget_s > 0.265, "the edge's answer is of use until the exit ends"


def test_what_is_left_to_run_decides_which_exit_answers(scene: Callable[[Plan], Any]) -> None:
    """From the activation at hand exit 2 takes 10 ms: it is in time where its whole path would not be."""
    made = scene(INNER)
    made.edge.script = [made.answers(INNER, 0.001), made.answers(INNER, 10.0)]
    assert made.runtime.infer(IMAGE, 1.0).plan == INNER  # loads what may take the activation
    made.sessions.ran.clear()
    answer = made.runtime.infer(IMAGE, 0.018)
    assert (answer.plan, answer.met_requirement) == (Plan.device_only("exit2"), True)
    assert [(stage.exit, stage.start, stage.stop) for stage in made.sessions.ran] == [
        ("exit2", 0, 2),
        ("exit2", 2, 3),
        ("exit2", 3, 8),
    ]
    assert answer.timeline.tail_s == pytest.approx(0.015), "the layers before the window are its own"
