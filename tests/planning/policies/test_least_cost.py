"""Objectives on a link that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.link import Link
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.objective import Objective
from edgent.planning.policies.least_cost import LeastCost
from edgent.planning.situation import Situation

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable
    from tests.planner_fixtures import LogUniform


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["edge_seconds", "device_seconds", "bytes", "latency"]))
def test_the_least_of_all_that_are_sure(
    windowed_networks: st.SearchStrategy[Any],
    log_uniform: type[LogUniform],
    data: st.DataObject,
    name: Any,
) -> None:
    """Where some plans are late at most 2 % of times; else the likeliest to be in time."""
    table: CostTable = data.draw(windowed_networks).candidates
    requirement_s = data.draw(st.sampled_from([0.01, 0.1, 1.0]))
    situation = Situation(
        Link(0.01, 1e6, 1e6), requirement_s, log_uniform(data.draw(st.sampled_from([1e4, 1e6])))
    )
    decision = LeastCost(Objective(name)).decide(table, situation)
    in_time = LinkDistribution(situation).in_time(table, requirement_s)
    sure = np.flatnonzero(1.0 - in_time <= 0.02)
    if not sure.size:
        assert in_time[decision.index] == in_time.max()
        return
    assert decision.index in sure
    cost = Objective(name).keys(table, table.latency_s(situation.mean_link))[-1]
    assert cost[decision.index] == cost[sure].min()


def test_only_ready_plans(branchy: CostTable, log_uniform: type[LogUniform]) -> None:
    """With the device's own plans ready, one of these."""
    situation = Situation(Link(0.001, 1e8, 1e8), 1.0, log_uniform(1e8), ready=~branchy.remote)
    decision = LeastCost(Objective("device_seconds")).decide(branchy, situation)
    assert not decision.plan.remote
    assert decision.reason == "takes the least of the device's time of all that are late at most 2% of times"
    assert decision.latency_s == pytest.approx(0.010)
