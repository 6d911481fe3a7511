"""The range in which a decision holds, against deciding again inside and outside of it."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.best_range import BandwidthRange, best_range
from edgent.planning.cost_table import CostTable
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.stages import Step

BESIDE = 1e-6
"""How far from an end, in proportion, a decision is looked at."""


def _check_range(data: st.DataObject, table: CostTable, requirement_s: float) -> None:
    """Anywhere between the ends the same plan is chosen, beyond either end another, or late."""
    upload, ratio = data.draw(st.floats(1e3, 1e8)), data.draw(st.sampled_from([0.5, 1.0, 3.0]))

    def alike(bandwidth: float) -> bool:
        link = Link(1 / 128, bandwidth, bandwidth * ratio)
        other = exit_search(table, link, requirement_s)
        seconds = (table.in_the_mean if decision.meets_requirement else table).latency_s(link)
        same_line = (
            math.isclose(seconds[decision.index], seconds[other.index], rel_tol=1e-12)
            and table.depth[other.index] == table.depth[decision.index]
        )
        return other.meets_requirement == decision.meets_requirement and (
            other.index == decision.index or same_line
        )

    link = Link(1 / 128, upload, upload * ratio)
    decision = exit_search(table, link, requirement_s)
    found = best_range(table, link, requirement_s, decision)

    assert found.low_bps * (1 - 1e-9) <= upload <= found.high_bps * (1 + 1e-9)
    low, high = max(found.low_bps, 1e-3), min(found.high_bps, HIGHEST_BANDWIDTH_BPS / 4)
    if low * (1 + 3 * BESIDE) < high:
        inside = low * (high / low) ** data.draw(st.floats(0, 1))
        assert alike(min(max(inside, low * (1 + BESIDE)), high * (1 - BESIDE)))
    if found.low_bps > 1e-3:
        assert not alike(found.low_bps * (1 - BESIDE))
    if found.high_bps < HIGHEST_BANDWIDTH_BPS / 4:
        assert not alike(found.high_bps * (1 + BESIDE))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_decision_holds_inside_and_changes_outside(
    data: st.DataObject, random_networks: st.SearchStrategy[Any], requirements: st.SearchStrategy[float]
) -> None:
    """Where no plan leaves early."""
    _check_range(data, data.draw(random_networks).candidates, data.draw(requirements))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_plans_that_leave_early_are_ahead_in_the_mean_once_they_are_in_time(
    data: st.DataObject, asking_networks: st.SearchStrategy[Any], requirements: st.SearchStrategy[float]
) -> None:
    """A plan that is quicker in the mean and late at worst neither ends the range nor is forgotten."""
    _check_range(data, data.draw(asking_networks).candidates, data.draw(requirements))


def test_plans_that_are_always_late_do_not_end_the_range(branchy: CostTable) -> None:
    """However quick they are in the mean."""
    link = Link(0.001, 3e6, 3e6)
    decision = exit_search(branchy, link, 0.1)
    found = best_range(branchy, link, 0.1, decision)
    beyond = [found.low_bps * 0.99, found.high_bps * 1.01]
    late = {exit_search(branchy, Link(0.001, bps, bps), 0.1).index for bps in beyond}
    table = _later(branchy, late, 10.0)
    assert exit_search(table, link, 0.1).index == decision.index
    wider = best_range(table, link, 0.1, decision)
    assert wider.low_bps < found.low_bps < found.high_bps < wider.high_bps
    assert {exit_search(table, Link(0.001, bps, bps), 0.1).index for bps in beyond} == {decision.index}


def test_the_range_ends_where_a_plan_that_is_ahead_in_the_mean_comes_within_the_requirement(
    branchy: CostTable,
) -> None:
    """It was ahead before, where it was late."""
    link = Link(0.001, 1e8, 1e8)
    ahead = exit_search(branchy, link, 0.1).index
    spare_s = 0.1 - float(branchy.fixed_s(0.001)[ahead]) - float(branchy.bits()[ahead]) / 2e8
    table = _later(branchy, {ahead}, spare_s)
    decision = exit_search(table, link, 0.1)
    assert decision.index != ahead
    assert best_range(table, link, 0.1, decision).high_bps == pytest.approx(2e8)
    assert exit_search(table, Link(0.001, 2.1e8, 2.1e8), 0.1).index == ahead


def _later(table: CostTable, plans: set[int], seconds: float) -> CostTable:
    """The table with some plans that take so much longer at worst than in the mean."""
    worst = table.seconds.copy()
    worst[Step.RUN_EDGE, list(plans)] += seconds
    return table.timed(worst, table)


def test_heads_that_are_not_ready_do_not_end_the_range(branchy: CostTable) -> None:
    """With the device's plans alone, bandwidth does not matter."""
    link, ready = Link(0.001, 1e5, 1e5), ~branchy.remote
    decision = exit_search(branchy, link, 0.05, ready=ready)
    found = best_range(branchy, link, 0.05, decision, ready=ready)
    assert found == BandwidthRange(0.0, math.inf)
    assert 1.0 in found


def test_on_a_dead_link_anything_that_gets_through_is_news(branchy: CostTable) -> None:
    """The range of an outage is 0 to 0."""
    link = Link(0.001, 0.0, 1e6)
    found = best_range(branchy, link, 0.05, exit_search(branchy, link, 0.05))
    assert 0.0 in found
    assert 1.0 not in found
