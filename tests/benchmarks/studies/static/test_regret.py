"""Regret: what a choice gives away, in accuracy in time and in latency."""

import pytest

from benchmarks.studies.static.regret import MeasuredPlan, regret
from edgent.planning.plan import Plan

DEEP = MeasuredPlan(1e6, Plan("exit2", 0), 0.9, (0.30, 0.32, 0.34))
QUICK = MeasuredPlan(1e6, Plan("exit2", 5), 0.9, (0.20, 0.20, 0.21))
SHALLOW = MeasuredPlan(1e6, Plan("exit1", 0), 0.6, (0.05, 0.05, 0.05))
MEASURED = [DEEP, QUICK, SHALLOW]


def test_the_fastest_of_the_most_accurate_in_time_has_no_regret() -> None:
    """It is what the planner looks for."""
    lost = regret(QUICK.plan, MEASURED, 0.5)
    assert lost.best == QUICK.plan
    assert lost.total == 0


def test_a_slower_plan_of_the_same_accuracy_loses_latency() -> None:
    """Both are in time; only the time is lost."""
    lost = regret(DEEP.plan, MEASURED, 0.5)
    assert lost.value == 0
    assert lost.latency == pytest.approx(0.32 / 0.20 - 1)


def test_a_shallower_exit_loses_accuracy() -> None:
    """Being faster does not make up for it."""
    lost = regret(SHALLOW.plan, MEASURED, 0.5)
    assert lost.value == pytest.approx(1 / 3)
    assert lost.latency == 0


def test_a_late_plan_loses_everything_where_another_is_in_time() -> None:
    """Its answer is worth nothing."""
    lost = regret(QUICK.plan, MEASURED, 0.1)
    assert (lost.best, lost.value, lost.latency) == (SHALLOW.plan, 1.0, 0.0)


def test_a_plan_that_is_sometimes_late_loses_that_share() -> None:
    """Two of three answers of the deep plan are in time."""
    assert regret(DEEP.plan, [DEEP, SHALLOW], 0.33).value == 0
    assert regret(DEEP.plan, [DEEP, QUICK, SHALLOW], 0.33).value == pytest.approx(1 / 3)


def test_where_all_are_late_latency_alone_counts() -> None:
    """The fastest is the best."""
    lost = regret(QUICK.plan, MEASURED, 0.01)
    assert lost.best == SHALLOW.plan
    assert lost.value == 0
    assert lost.latency == pytest.approx(3.0)


def test_how_often_a_plan_was_measured_does_not_decide() -> None:
    """The same accuracy, always in time, is the same value after two requests and after three."""
    often = MeasuredPlan(1e6, Plan("exit2", 0), 0.8707, (0.02, 0.02, 0.02))
    seldom = MeasuredPlan(1e6, Plan("exit2", 5), 0.8707, (0.2, 0.2))
    assert regret(often.plan, [often, seldom], 0.5).best == often.plan
