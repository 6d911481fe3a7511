"""A device that must answer alone goes from exit to exit while time allows, on a clock that layers move."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.local_exits.climb import Climb
from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeError,
    EdgeUnreachableError,
    HeadFailedError,
    HeadRefusedError,
    StoppedError,
)
from edgent.planning.fallback import Fallback
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.core.segment import Stop
    from edgent.planning.stages import Stage

IMAGE = np.zeros((3, 8, 8), np.uint8)
CUT = Plan("exit2", 3, codec_down="uint8")
WHOLE = Plan("exit2", 8)
TRUNK, BRANCH, REST = ("exit2", 0, 3), ("exit1", 3, 7), ("exit2", 3, 8)
ALL = (0, 8)


@pytest.fixture
def made(scene: Callable[[Plan], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Exit 1 takes 10 ms and exit 2 20 ms, in pieces 6 + 4 and 6 + 14; exit 1 is to stand by."""
    made = scene(CUT)
    assert made.network.graph.path_of("exit1").leaves_after == TRUNK[2]
    branch = ("exit1", TRUNK[2], len(made.network.graph.path_of("exit1").layers))
    made.sessions.piece_s = {TRUNK: 0.006, branch: 0.004, REST: 0.014}
    monkeypatch.setattr(
        made.local_exits,
        "standing_by",
        lambda within_s, *_, **__: Fallback("exit1", 0.001, within_s - 0.011),
    )
    return made


def fails(made: Any, error: EdgeError, after_s: float) -> Callable[[str, Deadline], Arrival]:
    """An entry of the edge's script: it fails after so long."""

    def exchange(_: str, __: Deadline) -> Arrival:
        made.clock.pass_s(after_s)
        raise error

    return exchange


def told(monkeypatch: pytest.MonkeyPatch, what: str) -> threading.Event:
    """Set once a climb was told to do this."""
    event, tell = threading.Event(), getattr(Climb, what)

    def telling(climb: Climb) -> None:
        tell(climb)
        event.set()

    monkeypatch.setattr(Climb, what, telling)
    return event


def pieces(made: Any) -> list[tuple[int, int]]:
    """The layers that the device ran."""
    return [(stage.start, stage.stop) for stage in made.sessions.ran]


@pytest.mark.parametrize(
    "error",
    [
        EdgeUnreachableError("the link died in the middle of the answer"),
        HeadRefusedError("another model"),
        HeadFailedError("the worker died"),
        EdgeBusyError("503: no worker"),
        ColdWindowError("425: the window is being loaded"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(
    ("after_s", "passed"),
    [(0.0, ["exit1", "exit2"]), (0.022, ["exit1", "exit2"]), (0.026, ["exit1"]), (0.037, ["exit1"])],
    ids=["before it sends", "in the middle", "when half is over", "late"],
)
def test_the_deepest_exit_that_is_in_time_answers(
    made: Any, error: EdgeError, after_s: float, passed: list[str]
) -> None:
    """Of 50 ms; today's rescue would have stopped at exit 1 each time, though exit 2 was in time."""
    made.edge.script = [fails(made, error, after_s)] * 2
    for address in made._parts.addresses.of(CUT)[1:]:
        made.edge.roster.failed(address, error)  # there is no other to ask
    answer = made.runtime.infer(IMAGE, 0.05)
    assert answer.met_requirement
    assert (answer.plan, answer.wanted) == (Plan.device_only(passed[-1]), CUT)
    assert list(answer.passed) == answer.to_json()["passed"] == passed
    assert answer.edge_error is not None
    assert len(pieces(made)) == len(set(pieces(made))), "no piece is run twice"


def test_an_edge_that_is_not_asked_at_all(made: Any) -> None:
    """An earlier exchange is under way: all of the time is the device's."""
    made.edge.under_way = Future()
    answer = made.runtime.infer(IMAGE, 0.05)
    assert (answer.plan, answer.passed) == (Plan.device_only("exit2"), ("exit1", "exit2"))
    assert answer.latency_s == pytest.approx(0.024)
    assert answer.timeline.tail_s == pytest.approx(0.02), "what its own path took"


def test_a_device_that_has_become_slower_is_known_by_its_whole_paths(made: Any) -> None:
    """Pieces were last run when it was quick; exit 2 is not gone to if its path would be late now."""
    for _ in range(200):
        made.local_exits.observe("exit1", 0.02, waited=True)
        made.local_exits.observe("exit2", 0.04, waited=True)
    made.edge.script = [fails(made, EdgeUnreachableError("it broke"), 0.015)]
    made.edge.under_way = Future()
    assert made.runtime.infer(IMAGE, 0.04).passed == ("exit1",)


def test_a_late_edge_leaves_no_time_for_more_than_today(made: Any) -> None:
    """The exit that stands by runs at its latest safe start, its path in one go."""
    made.edge.script = [made.answers(CUT, 10.0)]
    answer = made.runtime.infer(IMAGE, 0.05)
    assert (answer.passed, answer.met_requirement) == (("exit1",), True)
    assert [(stage.exit, stage.start) for stage in made.sessions.ran] == [("exit1", 0)]


def test_the_edges_whole_answer_ends_it(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes while the device is on its way to exit 2, and is taken."""
    stopped = told(monkeypatch, "stop")
    made.edge.script = [made.answers(WHOLE, 10.0)]
    run = made.sessions.run

    def running(stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        if (stage.start, stage.stop) == REST[1:]:
            made.edge.under_way.set_result(made.arrival(WHOLE))
            stopped.wait(5.0)
        output: np.ndarray = run(stage, tensor, stop)
        return output

    made.sessions.run = running
    made.local_exits.standing_by = lambda *_, **__: Fallback("exit1", 0.001, 0.0)
    answer = made.runtime.infer(IMAGE, 0.05, WHOLE)
    assert (answer.plan, answer.class_index, answer.edge_error) == (WHOLE, 7, None)


def test_several_requests_at_once_are_answered_one_after_the_other(made: Any) -> None:
    """Each goes up by itself, and gets its own exit's logits."""
    made.edge.under_way = Future()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: made.runtime.infer(IMAGE, 1.0), range(8)))
    assert {answer.plan for answer in answers} == {Plan.device_only("exit2")}
    assert {answer.class_index for answer in answers} == {1}
    assert len(made.sessions.ran) == 8 * 3


def test_closing_ends_it_at_the_next_exit(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request under way is answered from the first exit, not the second; the next one is refused."""
    finished = told(monkeypatch, "finish")
    made.edge.under_way = Future()
    closing, run = threading.Thread(target=made.runtime.close), made.sessions.run

    def running(stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        if stage.start == 0 and not closing.is_alive():
            closing.start()
            finished.wait(5.0)
        output: np.ndarray = run(stage, tensor, stop)
        return output

    made.sessions.run = running
    assert made.runtime.infer(IMAGE, 1.0).passed == ("exit1",)
    closing.join(10)
    with pytest.raises(StoppedError, match="the runtime is closed"):
        made.runtime.infer(IMAGE, 1.0)


@pytest.fixture
def eager(made: Any) -> Any:
    """The same device with ``device.hedge: eager``."""
    made.hedge("eager")
    return made


def test_eager_goes_up_while_the_edge_is_awaited(eager: Any) -> None:
    """Exit 2 is at hand before the edge dies: as good as the plan's answer, which is waited for no more."""
    waited_for: list[Future[None]] = []
    answer_of = eager.edge.answer

    def awaited(*arguments: Any, **options: Any) -> Arrival:
        (is_enough,) = options["unless"]
        waited_for.append(is_enough)
        is_enough.result(5.0)
        arrival: Arrival = answer_of(*arguments, **options)
        return arrival

    eager.edge.answer = awaited
    eager.edge.script = [fails(eager, EdgeUnreachableError("it broke"), 0.001)]
    answer = eager.runtime.infer(IMAGE, 0.05)
    assert (answer.passed, answer.met_requirement) == (("exit1", "exit2"), True)
    assert waited_for[0].done()


def test_eager_stops_for_the_plans_answer(eager: Any) -> None:
    """The edge answers while the device is on its way: the tail has the device for itself."""
    started, go_on, run = threading.Event(), threading.Event(), eager.sessions.run
    stops: list[Stop] = []

    def running(stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        if stop is not None:
            stops.append(stop)
            started.set()
            go_on.wait(5.0)
        output: np.ndarray = run(stage, tensor, stop)
        return output

    def answers(_: str, wait_until: Deadline) -> Arrival:
        started.wait(5.0)
        until_s.append(wait_until.at_s - eager.clock.now_s)
        arrival: Arrival = eager.arrival(CUT)
        return arrival

    until_s: list[float] = []
    eager.sessions.run = running
    eager.edge.script = [answers]
    eager.sessions.load(eager.local_exits.tail_of(CUT))
    answer = eager.runtime.infer(IMAGE, 0.05)
    go_on.set()
    assert (answer.plan, answer.edge_error, answer.passed) == (CUT, None, ())
    assert stops[0].options.terminate
    assert until_s == pytest.approx([0.05 - 0.002 - 0.014]), "until the tail would be late, not exit 1"


def test_without_time_for_a_climb_eager_is_the_hedge(eager: Any) -> None:
    """Nothing runs beside the wait."""
    eager.edge.script = [eager.answers(WHOLE, 0.0003)]
    assert eager.runtime.infer(IMAGE, 0.0115, WHOLE).plan == WHOLE
    assert eager.sessions.ran == []
