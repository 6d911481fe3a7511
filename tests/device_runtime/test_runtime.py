"""Every branch of a request, with an edge that follows a script: in milliseconds, and always the same."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeUnreachableError,
    HeadAbsentError,
    HeadRefusedError,
    InputError,
    PlanError,
    StoppedError,
)
from edgent.planning.plan import Plan
from tests.runtime_fixtures import Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival

IMAGE = np.zeros((3, 8, 8), np.uint8)
ALONE = Plan("exit1", 0)
CUT = Plan("exit2", 3, codec_down="uint8")


@pytest.fixture
def whole(tiny_network: Any) -> Plan:
    """Exit 2, all of it on the edge."""
    return Plan("exit2", len(tiny_network.graph.path_of("exit2").layers))


def raising(error: Exception) -> Callable[[str, Deadline], Arrival]:
    """An entry of the edge's script: it fails."""

    def exchange(_: str, __: Deadline) -> Arrival:
        raise error

    return exchange


def test_a_device_only_plan_asks_nobody(scene: Callable[[Plan], Any]) -> None:
    """Its timeline is the path's own time."""
    made = scene(ALONE)
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.wanted, answer.class_index) == (ALONE, ALONE, 0)
    assert answer.timeline.tail_s == pytest.approx(0.01)
    assert answer.latency_s == pytest.approx(0.01)
    assert made.edge.asked == []
    assert made.edge.probed == [None]


def test_a_head_and_its_tail_answer_together(scene: Callable[[Plan], Any]) -> None:
    """The frame is asked for in the plan's codecs, and every part of the time is told."""
    made = scene(CUT)
    made.edge.script = [made.answers(CUT, 0.02)]
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.class_index, answer.edge_error) == (CUT, 1, None)
    [(head, up, down, _)] = made.edge.asked
    assert (head, up, down) == ("tiny-p03", "raw", "uint8")
    [tail] = made.sessions.ran
    assert (tail.exit, tail.start, tail.stop) == ("exit2", 3, 8)
    assert tail in made.sessions.loaded, "the tail is made ready while the exchange is under way"
    timeline = answer.timeline
    assert (timeline.edge_s, timeline.decode_s, timeline.tail_s) == pytest.approx((0.002, 0.001, 0.005))
    assert (timeline.sent_bytes, timeline.received_bytes) == (300, 200)
    assert made.edge.probed == ["tiny-p03"]


def test_the_time_at_an_address_that_refuses_is_a_wait(
    scene: Callable[[Plan], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The codec is learnt from the frame that was answered alone."""
    made = scene(CUT)
    write = made.edge.write

    def in_8_ms(*arguments: Any) -> bytes:
        made.clock.pass_s(0.008)
        frame: bytes = write(*arguments)
        return frame

    def busy(_: str, __: Deadline) -> Arrival:
        made.clock.pass_s(0.1)
        raise EdgeBusyError("a full queue")

    monkeypatch.setattr(made.edge, "write", in_8_ms)
    made.edge.script = [busy, made.answers(CUT, 0.02)]
    answer = made.runtime.infer(IMAGE, 1.0)
    assert [head for head, *_ in made.edge.asked] == ["tiny-p03", "tiny"]
    assert answer.plan == CUT
    assert answer.timeline.encode_s == pytest.approx(0.008)
    assert answer.waited_s == pytest.approx(0.108)


def test_an_edge_only_answer_needs_no_tail(scene: Callable[[Plan], Any], whole: Plan) -> None:
    """It is written as it is, and the edge has until the requirement."""
    made = scene(whole)
    made.edge.script = [made.answers(whole, 0.02)]
    answer = made.runtime.infer(IMAGE, 0.5)
    assert (answer.plan, answer.class_index) == (whole, 7)
    assert made.sessions.ran == []
    [(_, _, down, budget_s)] = made.edge.asked
    assert down == "float32"
    assert budget_s == pytest.approx(0.5)


@pytest.mark.parametrize(
    "error",
    [HeadRefusedError("another model"), EdgeBusyError("a full queue"), EdgeUnreachableError("it broke")],
)
def test_an_edge_that_fails_costs_accuracy_not_the_answer(
    scene: Callable[[Plan], Any], error: Exception
) -> None:
    """The deepest local exit that is in time answers, and each endpoint's reason is told."""
    made = scene(CUT)
    made.edge.script = [raising(error), raising(HeadAbsentError("no pipeline there"))]
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.wanted, answer.endpoint) == (Plan("exit2", 0), CUT, None)
    also = "" if isinstance(error, EdgeUnreachableError) else "; no pipeline there"
    assert answer.edge_error == f"{type(error).__name__}: {error}{also}"
    assert answer.met_requirement


def test_who_is_left_alone_is_told_of_too(scene: Callable[[Plan], Any]) -> None:
    """A full head, and a pipeline that is not there: one of them is asked, and the reason names both."""
    made = scene(CUT)
    made.edge.script = [
        raising(EdgeBusyError("a full queue")),
        raising(HeadAbsentError("no pipeline there")),
        raising(EdgeBusyError("a full queue")),
    ]
    reasons = [made.runtime.infer(IMAGE, 1.0).edge_error for _ in range(2)]
    assert [head for head, *_ in made.edge.asked] == ["tiny-p03", "tiny", "tiny-p03"]
    assert reasons == ["EdgeBusyError: a full queue; no pipeline there"] * 2


def test_a_window_that_is_being_loaded_is_all_that_is_told(scene: Callable[[Plan], Any]) -> None:
    """By the plan's own name: to build the missing head's archive would be no remedy."""
    made = scene(CUT)
    made.edge.script = [
        raising(HeadAbsentError("run `edgent archive`")),
        raising(ColdWindowError("tiny is not ready")),
    ]
    assert made.runtime.infer(IMAGE, 1.0).edge_error == (
        f"ColdWindowError: the edge is not ready for {CUT}: it loads these layers, which takes a moment"
    )


def test_a_head_that_is_not_there_has_its_pipeline_asked(scene: Callable[[Plan], Any]) -> None:
    """Within the same request, and at once in the next one: nothing is answered here."""
    made = scene(CUT)
    made.edge.script = [raising(HeadAbsentError("no such head")), *[made.answers(CUT, 0.02)] * 2]
    answers = [made.runtime.infer(IMAGE, 1.0) for _ in range(2)]
    assert [answer.plan for answer in answers] == [CUT, CUT]
    assert not any(answer.edge_error for answer in answers)
    assert [head for head, *_ in made.edge.asked] == ["tiny-p03", "tiny", "tiny"]
    assert answers[0].endpoint == answers[0].to_json()["endpoint"] == "tiny"


def test_no_second_endpoint_is_asked_when_the_local_exit_must_start(scene: Callable[[Plan], Any]) -> None:
    """The head said no too late for that."""
    made = scene(CUT)

    def refuse_late(_: str, wait_until: Deadline) -> Arrival:
        made.clock.pass_s(wait_until.left_s())
        raise EdgeBusyError("a full queue")

    made.edge.script = [refuse_late]
    answer = made.runtime.infer(IMAGE, 0.1)
    assert (answer.plan, answer.met_requirement) == (Plan("exit2", 0), True)
    assert len(made.edge.asked) == 1


def test_a_busy_edge_is_not_asked(scene: Callable[[Plan], Any], whole: Plan) -> None:
    """An earlier request's answer may be of the same head: it is not taken for this request's."""
    made = scene(whole)
    earlier: Future[Arrival] = Future()
    made.edge.under_way = earlier
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.met_requirement) == (Plan("exit2", 0), True)
    assert "earlier request" in answer.edge_error
    assert made.edge.under_way is earlier
    assert made.edge.asked == []


@pytest.mark.parametrize("hedge", [True, False])
def test_a_named_plan_waits_for_a_probe_of_the_link(tiny_network: Any, whole: Plan, hedge: object) -> None:
    """It is carried out as soon as the link is free; the wait is told, and no part of writing the frame."""
    device = tiny_network.spec.device.model_copy(update={"hedge": hedge})
    network = replace(tiny_network, spec=tiny_network.spec.model_copy(update={"device": device}))
    made = Scene(network, ALONE)
    made.edge.under_way, made.edge.probe_s = Future(), 0.4
    made.edge.script = [made.answers(whole, 0.01)]
    answer = made.runtime.infer(IMAGE, 5.0, whole)
    assert (answer.plan, answer.edge_error) == (whole, None)
    assert answer.to_json()["timeline_ms"]["wait"] == pytest.approx(400.0)
    assert answer.timeline.encode_s == pytest.approx(0.0)


def test_a_probe_that_does_not_end_leaves_time_for_a_local_exit(tiny_network: Any, whole: Plan) -> None:
    """The device answers in time, and says that the link was being probed."""
    made = Scene(tiny_network, ALONE)
    made.edge.under_way, made.edge.probe_s = Future(), 10.0
    answer = made.runtime.infer(IMAGE, 0.5, whole)
    assert (answer.plan, answer.met_requirement) == (Plan("exit2", 0), True)
    assert "still under way" in (answer.edge_error or "")
    assert answer.waited_s == pytest.approx(0.48, abs=0.02)


def test_a_late_head_with_a_tail_is_left_for_a_local_exit(scene: Callable[[Plan], Any]) -> None:
    """The exit starts when it has to, and is in time."""
    made = scene(CUT)
    made.edge.script = [made.answers(CUT, 10.0)]
    answer = made.runtime.infer(IMAGE, 0.1)
    assert answer.plan == Plan("exit2", 0)
    assert answer.met_requirement
    assert answer.latency_s > 0.07
    assert "had not answered" in answer.edge_error


def test_a_tail_that_would_be_late_gives_way(scene: Callable[[Plan], Any]) -> None:
    """Where a local exit still ends in time, and only there."""
    made = scene(CUT)
    made.edge.script = [made.answers(CUT, 0.06)] * 2
    made.sessions.tail_s = 0.05
    answer = made.runtime.infer(IMAGE, 0.1)
    assert answer.plan == Plan("exit2", 0)
    assert "the tail takes 50.0" in answer.edge_error
    made.sessions.tail_s = 0.005
    assert made.runtime.infer(IMAGE, 0.1).plan == CUT


def test_where_no_exit_is_in_time_the_edge_is_waited_for(scene: Callable[[Plan], Any]) -> None:
    """The answer says which exit would have been the quickest."""
    made = scene(CUT)
    made.edge.script = [made.answers(CUT, 0.006)]
    answer = made.runtime.infer(IMAGE, 0.008)
    assert answer.plan == CUT
    assert not answer.met_requirement
    assert "no local exit answers within 8.0 ms; the quickest, exit1" in answer.missed


def test_without_a_hedge_the_edge_is_waited_for(scene: Callable[[Plan], Any]) -> None:
    """Twice the requirement; the answer is late, and says why."""
    made = scene(CUT)
    made.hedge(False)
    made.edge.script = [made.answers(CUT, 0.15)]
    answer = made.runtime.infer(IMAGE, 0.1)
    assert (answer.plan, answer.missed) == (CUT, "device.hedge is off: the edge was waited for")


def test_closing_in_between_answers_and_then_refuses(scene: Callable[[Plan], Any]) -> None:
    """The request under way is answered here; the next one is told that the runtime is closed."""
    made = scene(CUT)
    closing = threading.Thread(target=made.runtime.close)

    def closed_meanwhile(_: str, __: Deadline) -> Arrival:
        closing.start()
        while not made.edge.abandoned:
            pass
        raise EdgeUnreachableError("the connection was closed")

    made.edge.script = [closed_meanwhile]
    answer = made.runtime.infer(IMAGE, 1.0)
    assert answer.plan == Plan("exit2", 0)
    closing.join(10)
    assert made.edge.closed
    with pytest.raises(StoppedError, match="the runtime is closed"):
        made.runtime.infer(IMAGE, 1.0)
    made.runtime.close()


def test_requests_of_several_threads_follow_each_other(scene: Callable[[Plan], Any]) -> None:
    """Each is answered whole, and none is under way beside another."""
    made = scene(CUT)
    inside = threading.Lock()

    def alone(head: str, wait_until: Deadline) -> Arrival:
        assert inside.acquire(blocking=False), "another request is under way"
        answer: Callable[[str, Deadline], Arrival] = made.answers(CUT, 0.0)
        try:
            return answer(head, wait_until)
        finally:
            inside.release()

    made.edge.script = [alone] * 40
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.extend(made.runtime.infer(IMAGE, 1e6) for _ in range(10)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.plan for answer in answers] == [CUT] * 40


def test_waiting_for_another_thread_is_no_work(
    scene: Callable[[Plan], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts towards the latency, and is told apart, so that nothing is believed slower for it."""
    made = scene(ALONE)
    free = made.runtime._held

    def held_by_another() -> AbstractContextManager[None]:
        made.clock.pass_s(0.2)
        held: AbstractContextManager[None] = free()
        return held

    monkeypatch.setattr(made.runtime, "_held", held_by_another)
    answer = made.runtime.infer(IMAGE, 1.0)
    assert answer.latency_s == pytest.approx(0.21)
    assert answer.waited_s == pytest.approx(0.2)


def test_mistakes_of_the_caller_are_refused(scene: Callable[[Plan], Any]) -> None:
    """Another shape, no time, no such cut, no such codec: before anything is run."""
    made = scene(CUT)
    with pytest.raises(InputError, match="shape"):
        made.runtime.infer(np.zeros((3, 9, 8), np.uint8))
    with pytest.raises(InputError, match="latency requirement of -1 s"):
        made.runtime.infer(IMAGE, -1)
    with pytest.raises(PlanError, match="no partition point 99"):
        made.runtime.infer(IMAGE, 1.0, Plan("exit1", 99))
    with pytest.raises(PlanError, match="no input codec 'gif'"):
        made.runtime.infer(IMAGE, 1.0, Plan("exit1", 2, "gif"))
    assert made.sessions.ran == []
    assert made.runtime.infer(IMAGE, 1.0, ALONE).plan == ALONE


def test_an_absent_edge_is_told(scene: Callable[[Plan], Any]) -> None:
    """A device-only answer says why no head was asked."""
    made = scene(ALONE)
    assert made.runtime.infer(IMAGE, 1.0).edge_absent is None
    made.edge.absence = "EdgeUnreachableError: no connection"
    answer = made.runtime.infer(IMAGE, 1.0)
    assert answer.edge_absent == answer.to_json()["edge_absent"] == made.edge.absence


def test_a_plan_may_be_given_as_text(scene: Callable[[Plan], Any]) -> None:
    """As the command line takes it; what is no plan is told."""
    made = scene(CUT)
    assert made.runtime.infer(IMAGE, 1.0, "exit1:p0").plan == ALONE
    with pytest.raises(PlanError, match="'exit1' is no plan"):
        made.runtime.infer(IMAGE, 1.0, "exit1")
    with pytest.raises(PlanError, match="5 is no plan; expected EXIT:pPOINT"):
        made.runtime.infer(IMAGE, 1.0, plan=5)
    with pytest.raises(InputError, match=r"latency requirement of '0\.1' s"):
        made.runtime.infer(IMAGE, "0.1")
