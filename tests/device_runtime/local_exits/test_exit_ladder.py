"""Whether the next exit still fits, as a pure function of seconds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_runtime.local_exits.exit_ladder import Rung, first_rung, highest_rung, next_rung, seconds_to

LADDER = (Rung("exit1", 0.7, 1.0, 0.5), Rung("exit2", 0.8, 1.0, 0.5), Rung("exit3", 0.9, 1.0, 0.0))
SECONDS = st.floats(0.0, 1.0).map(lambda seconds: round(seconds, 6))


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Rung, ...]:
    """Up to six exits, some of them less accurate than those before."""
    accuracies = draw(st.lists(st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9]), min_size=1, max_size=6))
    return tuple(
        Rung(f"exit{k}", accuracy, draw(SECONDS), draw(SECONDS)) for k, accuracy in enumerate(accuracies)
    )


def test_seconds_to_an_exit_leave_out_the_branches_before_it() -> None:
    """The trunk adds up, and only the exit's own branch is run."""
    assert seconds_to(LADDER) == [1.5, 2.5, 3.0]


@pytest.mark.parametrize(
    ("left_s", "expected"),
    [
        (1.4, None),  # nothing is in time
        (1.5, 0),
        (2.5, 1),  # exit 1 on the way would cost exit 2
        (3.0, 2),  # and here exit 3
        (3.5, 0),
        (math.inf, 0),
    ],
)
def test_which_exit_comes_next(left_s: float, expected: int | None) -> None:
    """The first on the way that leaves the most accurate one in time."""
    assert next_rung(LADDER, left_s) == expected


@pytest.mark.parametrize(
    ("stands_by", "left_s", "expected"),
    [
        ("exit1", 1.5, 0),
        ("exit1", 3.0, 0),  # exit 3 would be in time without it, and is not gone to at any risk
        ("exit2", 2.5, 1),
        ("exit2", 3.0, 0),
        ("exit3", 2.9, None),  # in time only in one go, if at all
        ("behind", 2.5, None),  # exit 2 is in time, but less accurate
        ("behind", 3.5, 0),
    ],
)
def test_what_stands_by_is_answered_before_deeper_exits(
    stands_by: str, left_s: float, expected: int | None
) -> None:
    """Or an exit on the way to it, where it is in time all the same."""
    accuracy = {"exit1": 0.7, "exit2": 0.8, "exit3": 0.9, "behind": 0.85}[stands_by]
    assert first_rung(LADDER, stands_by, accuracy, left_s) == expected


def test_what_is_at_hand_is_not_answered_again() -> None:
    """Exits that are no better than it are passed by."""
    assert next_rung(LADDER, 10.0, above=0.8) == 2
    assert next_rung(LADDER, 10.0, above=0.9) is None
    assert highest_rung((), 10.0) is None


def test_a_deeper_exit_that_is_less_accurate_is_no_goal() -> None:
    """Of equally accurate exits the quickest is; one that is worse is not gone to, whatever time is left."""
    ladder = (Rung("a", 0.8, 1.0, 0.0), Rung("b", 0.7, 1.0, 0.0), Rung("c", 0.8, 1.0, 0.0))
    assert highest_rung(ladder, 100.0) == next_rung(ladder, 100.0) == 0
    assert next_rung(ladder[1:], 100.0, above=0.8) is None


@given(ladders(), st.floats(0.0, 8.0))
def test_going_up_ends_in_time_at_the_best_exit(ladder: tuple[Rung, ...], requirement_s: float) -> None:
    """If all takes what was predicted: as good as any exit in time, each answer better than the last."""
    done, now_s, above = 0, 0.0, -math.inf
    while (ahead := next_rung(ladder[done:], requirement_s + 1e-9 - now_s, above)) is not None:
        passed = ladder[done : done + ahead + 1]
        now_s += seconds_to(passed)[-1]
        done += len(passed)
        assert ladder[done - 1].accuracy > above
        above = ladder[done - 1].accuracy
    goal = highest_rung(ladder, requirement_s)
    assert now_s <= requirement_s + 1e-6
    if goal is not None:
        assert above >= ladder[goal].accuracy
