"""What several refusals of one window are told as."""

from __future__ import annotations

import pytest

from device_runtime.carrying_out.execution import _telling
from edgent.core.stay import Stay
from edgent.errors import ColdWindowError, EdgeError, ExpiredError, QueueFullError
from edgent.planning.plan import Plan

EXPIRED = ExpiredError("tiny-p02 computed nothing", Stay(b"edge", 7, 0.0, 0.3))
FULL = QueueFullError("tiny's queue is full")


@pytest.mark.parametrize("first", [EXPIRED, FULL])
def test_it_is_of_the_first_ones_kind_and_names_all(first: EdgeError) -> None:
    """What expired still says how long it stayed."""
    told = _telling(Plan("late", 2), [first, FULL, FULL])
    assert type(told) is type(first)
    assert str(told) == "; ".join(dict.fromkeys([str(first), str(FULL)]))
    assert getattr(told, "stay", None) == getattr(first, "stay", None)


def test_a_cold_window_is_all_that_is_said() -> None:
    """Whatever the others say."""
    assert isinstance(_telling(Plan("late", 2), [EXPIRED, ColdWindowError("cold")]), ColdWindowError)
