"""Until when a request waits for the edge, and what is left of it under another plan."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from device_runtime.carrying_out.hold import Hold
from device_runtime.carrying_out.request import Request
from device_runtime.deadline import Deadline
from edgent.planning.decision import Decision
from edgent.planning.fallback import Fallback, LocalExit, NoFallback
from edgent.planning.plan import Plan

NOW_S = 10.0
NOBODY: Any = None
HEDGED = Request(
    given=np.zeros((1, 3, 8, 8), np.uint8),
    plan=Plan("exit1", 3),
    addresses=(),
    input_s=NOW_S,
    deadline=Deadline(NOW_S + 0.2, lambda: NOW_S),
    requirement_s=0.2,
    decision=None,
    local=Fallback("exit1", 0.8, 0.12),
    began_s=NOW_S,
    hedged=True,
    edge=NOBODY,
)


def test_the_edge_has_until_the_local_exit_must_start() -> None:
    """120 ms from the moment at which the plan stood."""
    assert HEDGED.wait_until().at_s == HEDGED.latest_start_s() == pytest.approx(NOW_S + 0.12)


def test_no_exit_starts_before_the_frame_is_written() -> None:
    """Writing took longer than was thought: the exit's time counts from its end, not from before."""
    assert replace(HEDGED, written_s=NOW_S + 0.15).latest_start_s() == pytest.approx(NOW_S + 0.15)
    assert replace(HEDGED, written_s=NOW_S + 0.05).latest_start_s() == pytest.approx(NOW_S + 0.12)


def test_no_exit_starts_before_the_device_comes_back_to_the_request() -> None:
    """Which was sent while another one had the device: what the exit takes counts from then."""
    sent = replace(HEDGED, written_s=NOW_S + 0.05, resumed_s=NOW_S + 0.16)
    assert sent.latest_start_s() == pytest.approx(NOW_S + 0.16)


def test_another_request_that_needs_the_device_has_the_local_exit_start_earlier() -> None:
    """By what it has to be done before the deadline; all states of the request know of it."""
    request, until_s = replace(HEDGED, hold=Hold()), NOW_S + 0.19
    request.hold.until_s = until_s
    sent = replace(request, written_s=NOW_S + 0.05)
    assert sent.answer_by.at_s == pytest.approx(until_s)
    assert sent.wait_until().at_s == pytest.approx(NOW_S + 0.11)
    assert sent.give_at().at_s == pytest.approx(until_s - 0.002)
    assert sent.useful_until_s(answers_whole=True) == pytest.approx(until_s)
    assert replace(request, written_s=NOW_S + 0.15).latest_start_s() == pytest.approx(NOW_S + 0.15)


def test_a_request_that_needs_the_device_later_changes_nothing() -> None:
    """Behind the deadline."""
    request = replace(HEDGED, hold=Hold(NOW_S + 0.3))
    assert request.answer_by.at_s == HEDGED.deadline.at_s
    assert request.wait_until().at_s == HEDGED.wait_until().at_s


NONE_IN_TIME = NoFallback(LocalExit("exit1", 0.8, 0.3), 0.1)


def test_where_no_exit_is_in_time_the_edge_has_until_the_requirement() -> None:
    """Then the quickest exit starts beside it; what the edge answers is of use until that one ends."""
    request = replace(HEDGED, local=NONE_IN_TIME)
    assert request.wait_until().at_s == pytest.approx(NOW_S + 0.2)
    assert request.useful_until_s(answers_whole=False) == pytest.approx(NOW_S + 0.5)
    assert "exit1" in request.why_late(0.3, 0.0)
    assert "answers within 200.0 ms" in request.why_late(0.3, 0.0)


@pytest.mark.parametrize(("meets", "until_s"), [(True, 0.2), (False, 0.03)])
def test_where_nothing_is_in_time_the_exit_starts_at_once(meets: bool, until_s: float) -> None:
    """As soon as the frame is written: an edge that is expected in time is waited for before."""
    decision = Decision(Plan("exit1", 3), 0.25, meets_requirement=meets, index=0, reason="")
    request = replace(HEDGED, local=NONE_IN_TIME, decision=decision, written_s=NOW_S + 0.03)
    assert request.wait_until().at_s == pytest.approx(NOW_S + until_s)


def test_where_nothing_is_expected_in_time_a_whole_answer_still_counts_until_the_requirement() -> None:
    """What was expected may be wrong: an edge that were told that it is too late would never show it."""
    decision = Decision(Plan("exit1", 3), 0.25, meets_requirement=False, index=0, reason="")
    quick = replace(NONE_IN_TIME, quickest=LocalExit("exit1", 0.8, 0.02))
    request = replace(HEDGED, local=quick, decision=decision, written_s=NOW_S + 0.03)
    assert request.useful_until_s(answers_whole=True) == pytest.approx(NOW_S + 0.2)
    assert request.useful_until_s(answers_whole=False) == pytest.approx(NOW_S + 0.05)


@pytest.mark.parametrize(("answers_whole", "until_s"), [(True, 0.2), (False, 0.12)])
def test_until_when_an_answer_is_of_use(answers_whole: bool, until_s: float) -> None:
    """A whole one until the requirement, beside a local exit; an activation until that one starts."""
    assert HEDGED.useful_until_s(answers_whole=answers_whole) == pytest.approx(NOW_S + until_s)


def test_a_wait_before_another_plan_is_no_part_of_its_frame() -> None:
    """Else writing the frame would seem to take less than no time."""
    waited = replace(HEDGED, waited_s=0.05)
    anew = replace(waited.begun_anew(Plan("exit1", 2), (), None), written_s=NOW_S + 0.01)
    assert anew.encode_s == pytest.approx(0.01)


@pytest.mark.parametrize(("payload", "encode_s"), [(None, 0.002), (b"encoded", 0.012)])
def test_a_refusal_is_no_part_of_the_next_frame(payload: bytes | None, encode_s: float) -> None:
    """A payload is encoded once, and counts to the frame that is answered, once that is written."""
    now_s = NOW_S + 0.11
    began = replace(HEDGED, payload=payload, deadline=Deadline(NOW_S + 0.2, lambda: now_s))
    request = replace(began, written_s=NOW_S + 0.01).refused_for(())
    assert request.encode_s == 0.0
    again = replace(request, written_s=now_s + 0.002)
    assert again.encode_s == pytest.approx(encode_s)
    assert again.refused_s + again.encode_s == pytest.approx(0.112)


@pytest.mark.parametrize(("plan", "why"), [(Plan("exit1", 2), None), (HEDGED.plan, "it is too late")])
def test_another_plan_asks_its_own_exits(plan: Plan, why: str | None) -> None:
    """Those inside the window are chosen when its frame is written; what was run before stands."""
    exits: Any = object()
    anew = replace(HEDGED, exits=exits, not_asked="it is too late").begun_anew(plan, (), None)
    assert (anew.exits, anew.not_asked) == (None, why)


@pytest.mark.parametrize(
    ("predicted_s", "until_s"), [(None, 0.4), (0.1, 0.4), (0.5, 1.0), (float("inf"), 0.4)]
)
def test_without_a_hedge_the_edge_is_waited_for(predicted_s: float | None, until_s: float) -> None:
    """Twice the requirement, or what the plan was predicted to take; a fixed plan has no prediction."""
    decision = None
    if predicted_s is not None:
        decision = Decision(Plan("exit1", 3), predicted_s, meets_requirement=True, index=0, reason="")
    request = replace(HEDGED, hedged=False, decision=decision)
    assert request.wait_until().at_s == pytest.approx(NOW_S + until_s)
    assert "hedge is off" in request.why_late(0.3, 0.0)
