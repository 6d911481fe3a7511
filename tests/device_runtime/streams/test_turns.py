"""When a frame may be begun ahead: each of the conditions by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from device_runtime.deadline import Deadline
from device_runtime.streams.turns import Turns
from device_runtime.timeline import Timeline
from edgent.planning.fallback import Fallback, LocalExit, NoFallback
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

PLAN = Plan("exit2", 3)
QUICKEST_S = 0.01


def answer(before_s: float, edge_s: float, after_s: float, plan: Plan = PLAN, **other: Any) -> Any:
    """An answer that took so long on the device, at the edge, and on the device again."""
    timeline = Timeline({Step.RUN_BEFORE: before_s, Step.RUN_DEVICE: after_s}, edge_s)
    return SimpleNamespace(
        **{"plan": plan, "wanted": plan, "endpoint": "tiny", "prepare_s": 0.0, "timeline": timeline} | other
    )


def request(*, wait_until_s: float = 0.5, deadline_s: float = 1.0, **other: Any) -> Any:
    """One that was sent at 0 s."""
    return SimpleNamespace(
        **{
            "plan": PLAN,
            "written_s": 0.0,
            "deadline": Deadline(deadline_s, lambda: 0.0),
            "wait_until": lambda: Deadline(wait_until_s, lambda: 0.0),
            "hedged": True,
            "local": Fallback("exit1", 0.7, 0.0),
            "expected_prepare_s": 0.004,
        }
        | other
    )


@pytest.fixture
def turns() -> Turns:
    """Frames that take 20 ms before the edge, 100 ms there, and 30 ms behind it."""
    made = Turns(lambda: QUICKEST_S)
    made.observe(answer(0.02, 0.1, 0.03))
    return made


def test_a_frame_is_begun_so_that_it_is_ready_when_the_edge_is(turns: Turns) -> None:
    """A margin before that; by the quickest answer of the edge and the slowest of the device."""
    assert turns.begin_at_s(request()) == pytest.approx((0.1 - 0.02 - 0.002, 0.5 - 0.02 - 0.002))
    turns.observe(answer(0.04, 0.2, 0.03))
    assert turns.begin_at_s(request()) == pytest.approx((0.1 - 0.04 - 0.002, 0.5 - 0.04 - 0.002))


def test_a_frame_is_not_begun_when_the_device_may_be_needed(turns: Turns) -> None:
    """By the local exit of the first one, or by its tail."""
    assert turns.begin_at_s(request(wait_until_s=0.1)) == pytest.approx((0.078, 0.1 - 0.022))
    assert turns.begin_at_s(request(deadline_s=0.2)) == pytest.approx((0.078, 0.2 - 0.03 - 0.022))


@pytest.mark.parametrize(
    "other",
    [
        answer(0.0, 0.0, 0.03, Plan("exit1", 0), endpoint=None),
        answer(0.0, 0.0, 0.03, Plan("exit1", 0), wanted=PLAN),
    ],
)
def test_what_the_edge_did_not_answer_tells_nothing(turns: Turns, other: Any) -> None:
    """Of a plan that was not carried out."""
    turns.observe(other)
    assert turns.begin_at_s(request()) == pytest.approx((0.078, 0.478))


def test_of_a_new_plan_nothing_is_known(turns: Turns) -> None:
    """Its first frame is answered by itself."""
    assert turns.begin_at_s(request(plan=Plan("exit2", 4))) is None
    turns.observe(answer(0.01, 0.05, 0.01, Plan("exit2", 4)))
    assert turns.begin_at_s(request()) is None
    assert turns.begin_at_s(request(plan=Plan("exit2", 4))) == pytest.approx((0.038, 0.488))


@pytest.mark.parametrize("times", [(0.2, 0.03, 0.0), (0.01, 0.1, 0.0), (0.05, 0.03, 0.11)])
def test_where_one_side_has_nearly_all_to_do_nothing_overlaps(
    times: tuple[float, float, float],
) -> None:
    """Answers would be older, and hardly more."""
    turns = Turns(lambda: QUICKEST_S)
    turns.observe(answer(*times))
    assert turns.begin_at_s(request()) is None


def test_a_frame_that_is_begun_early_waits_for_the_edge(turns: Turns) -> None:
    """And for the device, where that takes longer behind the edge than the edge does."""
    assert turns.busy_s(request(), 0.03) == pytest.approx(0.05)
    assert turns.busy_s(request(), 0.09) == 0
    turns.observe(answer(0.02, 0.1, 0.14))
    assert turns.busy_s(request(), 0.09) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("one", "captured_s", "requirement_s", "may"),
    [
        (request(), 0.07, 1.0, True),
        (request(), 0.07, 0.15, False),  # the frame itself would be late: 158 ms
        (request(), 0.07, 0.17, False),  # behind the first one's local exit there is no time for its own
        (request(hedged=False), 0.07, 0.17, True),
        (request(local=NoFallback(LocalExit("exit1", 0.7, 2.0), 1.0)), 0.07, 0.17, True),
    ],
)
def test_a_frame_that_is_begun_ahead_is_in_time(
    turns: Turns, one: Any, captured_s: float, requirement_s: float, may: bool
) -> None:
    """Begun at 78 ms it is ready at 100 ms, when the edge is."""
    assert turns.leaves_time(one, 0.078, captured_s, requirement_s) is may


@pytest.mark.parametrize(
    ("wait_until_s", "deadline_s", "may"),
    [
        (0.13, 0.25, True),  # at 118 ms the edge, at 102 expected, has answered
        (0.113, 0.25, False),  # at 101 ms it may not have
        (0.1, 0.237, True),  # it is done when the second one's has to start, and starts no earlier
    ],
)
def test_the_first_ones_exit_may_start_earlier_for_the_second_one(
    turns: Turns, wait_until_s: float, deadline_s: float, may: bool
) -> None:
    """The second one is wanted at 250 ms: its own exit, which takes 10 ms, has to start at 238."""
    one = request(wait_until_s=wait_until_s, deadline_s=deadline_s)
    assert turns.needs_device_at_s(one, 0.25) == pytest.approx(0.238)
    assert turns.leaves_time(one, 0.078, 0.05, 0.2) is may


def test_the_device_has_to_be_free_by_then(turns: Turns) -> None:
    """What is begun too late holds up an exit that is to start earlier, though not one that is not."""
    one = request(wait_until_s=0.13, deadline_s=0.25)
    assert turns.leaves_time(one, 0.095, 0.05, 0.2)
    assert not turns.leaves_time(one, 0.097, 0.05, 0.2)
    assert turns.leaves_time(request(wait_until_s=0.13, deadline_s=0.237), 0.097, 0.05, 0.2)


@pytest.mark.parametrize(("requirement_s", "may"), [(0.036, False), (0.04, True)])
def test_the_first_ones_tail_has_to_end_before_the_second_ones_exit(requirement_s: float, may: bool) -> None:
    """It takes 4 ms, and begins after 22."""
    turns = Turns(lambda: QUICKEST_S)
    turns.observe(answer(0.02, 0.008, 0.004))
    assert turns.leaves_time(request(deadline_s=0.035), 0.0, 0.0, requirement_s) is may


def test_a_file_that_goes_up_has_to_be_decoded_first(turns: Turns) -> None:
    """By the second one's exit; the first one's file was expected to take 4 ms."""
    sends_file = request(plan=Plan("exit2", 3, "file"))
    assert turns.needs_device_at_s(sends_file, 0.25) == pytest.approx(0.234)
