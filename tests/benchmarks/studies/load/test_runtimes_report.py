"""What is counted of whole runtimes at a busy edge."""

import pytest

from benchmarks.studies.load.runtimes import Request, RuntimesCell
from benchmarks.studies.load.runtimes_report import (
    fairness,
    goodput_hz,
    in_vain,
    late_of_computed,
    late_share,
    mean_queue_s,
    runtimes_table,
)

_IN_TIME = Request(
    0, 5.0, is_asked=True, is_remote=True, is_run=True, by_edge="edge", latency_s=0.1, queue_s=0.02
)
_RESCUED = Request(
    1, 6.0, is_asked=True, is_remote=True, is_run=True, latency_s=0.2, error="EdgeTimeoutError"
)
_LATE = Request(
    1, 7.0, is_asked=True, is_remote=True, is_run=True, by_edge="edge", latency_s=0.3, queue_s=0.04
)
_ALONE = Request(1, 8.0, is_asked=True, latency_s=0.06)
_BUSY = Request(1, 8.1, is_asked=False)
_EARLY = Request(0, 1.0, is_asked=True, latency_s=9.0)


def _cell(*requests: Request) -> RuntimesCell:
    return RuntimesCell(1, 2, 2.0, 0.25, 3.0, 10.0, requests)


def test_who_answered_and_when() -> None:
    """What came while devices warmed up does not count, nor does what they were too busy for."""
    cell = _cell(_EARLY, _IN_TIME, _RESCUED, _LATE, _ALONE, _BUSY)
    assert goodput_hz(cell) == pytest.approx(0.1)
    assert late_share(cell) == 0.25
    assert late_of_computed(cell) == pytest.approx(1 / 3)
    assert in_vain(cell) == pytest.approx(1 / 3)
    assert mean_queue_s(cell) == pytest.approx(0.03)


def test_fairness_is_of_what_devices_asked() -> None:
    """One has all that it asked, the other one nothing; late answers and what was not asked do not count."""
    assert fairness(_cell(_IN_TIME, _ALONE)).index == pytest.approx(0.5)
    assert fairness(_cell(_IN_TIME, _LATE, _BUSY)).least_share == 0.0
    assert fairness(_cell(_IN_TIME, _BUSY)).devices == 1


def test_a_row_for_each_cell() -> None:
    """Goodput is held against what was due, or against what edges can do if that is less."""
    table = runtimes_table([_cell(_IN_TIME, _BUSY), _cell()], capacity_hz=20.0)
    first, nothing = (dict(zip(table.heads, row, strict=True)) for row in table.rows)
    assert first["not asked"] == "50.0%"
    assert first["of what was due or fits"] == "50%"
    assert nothing["in time by anyone"] == "0.0%"
