"""A second edge beside one whose answer is overdue: the first to answer counts."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from edgent.errors import EdgeBusyError, EdgeTimeoutError, EdgeUnreachableError
from edgent.planning.plan import Plan
from tests.device_runtime.edges.test_edges import CUT, IMAGE, Two, failing

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival
    from tests.device_runtime.edges.test_edges import Exchange

USUAL_S = 0.006  # what exchanges of scripted answers take
REQUIREMENT_S = 0.1


@pytest.fixture
def two(scene: Callable[..., Any]) -> Two:
    """Two edges, of which the first is known: it has answered some requests."""
    made = Two(scene, CUT)
    made.a.script = [made.answers(CUT) for _ in range(5)]
    for _ in range(5):
        made.ask()
    return made


class Asked:
    """When edges were asked, on the scene's clock, and until when they were waited for."""

    def __init__(self, two: Two) -> None:
        self._two = two
        self.times: list[tuple[float, float]] = []

    def noting(self, exchange: Exchange) -> Exchange:
        """An entry of a script that remembers."""

        def noted(head: str, wait_until: Deadline) -> Arrival:
            self.times.append((self._two.made.clock(), wait_until.at_s))
            return exchange(head, wait_until)

        return noted


def test_an_overdue_answer_is_asked_of_the_other_edge(two: Two) -> None:
    """As soon as its usual time is past, long before the local exit has to start."""
    asked, began_s = Asked(two), two.made.clock()
    two.a.script = [asked.noting(two.silent(two.a))]
    two.b.script = [asked.noting(two.answers(CUT)), two.answers(CUT)]
    answer = two.ask(REQUIREMENT_S)
    (_, until_s), (asked_s, _) = asked.times
    assert until_s == asked_s == pytest.approx(began_s + USUAL_S)
    assert (answer.edge, answer.plan, answer.edge_error) == ("b", CUT, None)
    assert answer.passed_over == "a: tiny-p03 usually answers within 6.0 ms and did not"
    assert answer.met_requirement
    assert two.a.is_busy
    after = two.ask(REQUIREMENT_S)
    assert after.edge == "b", "the next one goes there at once"
    assert after.passed_over == "a: it has not answered"


def test_the_first_edge_may_still_win(two: Two) -> None:
    """Its answer is given, and the other one's is left to be collected."""

    def overtaken(_: str, __: Deadline) -> Arrival:
        assert two.a.under_way is not None
        two.a.under_way.set_result(two.made.arrival(CUT))
        two.b.under_way = Future()
        raise EdgeTimeoutError("there was as good an answer")

    two.a.script = [two.silent(two.a), two.answers(CUT, 0.0)]
    two.b.script = [overtaken]
    answer = two.ask(REQUIREMENT_S)
    assert (answer.edge, answer.plan, answer.passed_over, answer.edge_error) == ("a", CUT, None, None)
    assert (two.a.is_busy, two.b.is_busy) == (False, True)
    assert two.b.under_way is not None
    two.b.under_way.set_result(two.made.arrival(CUT))
    two.a.script = [two.answers(CUT)]
    assert two.ask(REQUIREMENT_S).edge == "a"
    assert not two.b.is_busy


def test_a_second_edge_that_refuses_leaves_the_first_one_awaited(two: Two) -> None:
    """Until the local exit has to start, as ever."""
    two.a.script = [two.silent(two.a), two.answers(CUT, 0.02)]
    two.b.script = [failing(EdgeBusyError("its queue is full")) for _ in range(2)]  # of head and pipeline
    assert two.ask(REQUIREMENT_S).edge == "a"


def test_a_first_edge_that_fails_meanwhile_ends_nothing(two: Two) -> None:
    """The other one is waited for."""

    def answers_after_the_other_broke(_: str, __: Deadline) -> Arrival:
        assert two.a.under_way is not None
        two.a.under_way.set_exception(EdgeUnreachableError("it broke"))
        arrival: Arrival = two.made.arrival(CUT)
        return arrival

    two.a.script, two.b.script = [two.silent(two.a)], [answers_after_the_other_broke]
    assert two.ask(REQUIREMENT_S).edge == "b"


def test_where_both_are_silent_the_local_exit_starts_when_it_must(two: Two) -> None:
    """The answer says what either did."""
    two.a.script, two.b.script = [two.silent(two.a)], [two.silent(two.b)]
    answer = two.ask(REQUIREMENT_S)
    assert (answer.plan, answer.edge) == (Plan.device_only("exit2"), None)
    assert answer.edge_error == (
        "EdgeTimeoutError: a: tiny-p03 usually answers within 6.0 ms and did not; b: had not answered"
    )
    assert answer.met_requirement


def test_the_retry_budget_limits_it(two: Two) -> None:
    """Three at once; the next overdue answer is waited for, and comes."""
    for asked in range(4):
        two.a.script = [two.silent(two.a), two.answers(CUT, 0.02)]
        two.b.script = [two.answers(CUT)]
        assert two.ask(REQUIREMENT_S).edge == ("b" if asked < 3 else "a")
        two.a.under_way = None


def test_an_edge_that_is_not_known_yet_is_waited_for(scene: Callable[..., Any]) -> None:
    """Nobody knows when its answer is overdue."""
    two = Two(scene, CUT)
    two.a.script = [two.silent(two.a)]
    assert two.ask(REQUIREMENT_S).edge is None
    assert two.b.asked == []


def test_who_is_asked_second_is_not_hedged_again(two: Two) -> None:
    """It is waited for until the local exit has to start."""
    two.b.punctuality = two.a.punctuality
    asked = Asked(two)
    two.a.script = [two.silent(two.a)]
    two.b.script = [asked.noting(two.silent(two.b))]
    two.ask(REQUIREMENT_S)
    ((asked_s, until_s),) = asked.times
    assert until_s - asked_s > 5 * USUAL_S


def test_frames_of_a_stream_have_it_too(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """So nothing is begun for the next frame while an edge answers."""
    beside, answer_of = list[object](), two.a.answer

    def noted(*arguments: Any, **options: Any) -> Arrival:
        beside.append(options["beside"])
        return answer_of(*arguments, **options)

    monkeypatch.setattr(two.a, "answer", noted)
    two.a.script, two.b.script = [two.silent(two.a)], [two.answers(CUT), two.answers(CUT)]
    answers = list(two.made.runtime.stream([IMAGE] * 2, REQUIREMENT_S, drops=False))
    assert [answer.edge for answer in answers] == ["b", "b"]
    assert beside == [None]
