"""Recovery is read off a run's answers."""

import pytest

from benchmarks.studies.live.measure import LiveAnswer
from benchmarks.studies.live.recovery import Collapse, recovery_of
from benchmarks.testbed.device.reply import Reply
from edgent.planning.plan import Plan

HERE, THERE = Plan("exit1", 0), Plan("exit2", 3)
COLLAPSE = Collapse(before_s=2.0, collapsed_s=9.0, after_s=3.0)


def _answer(at_s: float, wanted: Plan, plan: Plan | None = None) -> LiveAnswer:
    """An answer at a time."""
    return LiveAnswer(0, at_s, 1e6, Reply(plan or wanted, wanted, 0.01), 1e6)


def test_a_runtime_that_follows() -> None:
    """It asks the edge for a second more, is at home in the last third, and is back half a second later."""
    answers = [
        _answer(1.0, THERE),
        _answer(2.5, THERE, HERE),
        _answer(3.0, THERE, HERE),
        _answer(8.5, HERE),
        _answer(10.5, HERE),
        _answer(11.2, THERE, HERE),
        _answer(11.5, THERE),
        _answer(13.0, THERE),
    ]
    recovery = recovery_of(COLLAPSE, answers)
    assert recovery.device_only_share == 1.0
    assert recovery.left_after_s == pytest.approx(1.0)
    assert recovery.back_after_s == pytest.approx(0.5)


def test_a_runtime_that_does_not() -> None:
    """It goes on asking, and is not seen again."""
    answers = [_answer(at_s, THERE, HERE) for at_s in (3.0, 9.0, 10.0, 12.0)]
    recovery = recovery_of(COLLAPSE, [*answers, _answer(9.5, HERE)])
    assert recovery.device_only_share == pytest.approx(1 / 3)
    assert recovery.left_after_s == pytest.approx(8.0)
    assert recovery.back_after_s is None


def test_the_trace_of_a_collapse() -> None:
    """5 Mbps, 20 kbps, 5 Mbps."""
    trace = COLLAPSE.trace
    assert trace.bandwidth_at([0.0, 1.9, 2.1, 10.9, 11.1]).tolist() == [5e6, 5e6, 20e3, 20e3, 5e6]
    assert trace.total_s == pytest.approx(14.0)
