"""Objectives: the least of a cost among the plans in time, against sorting them one by one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE, Objective
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.plan import Plan
from edgent.planning.pruning import Pruning, pruned_space
from edgent.planning.ranking import ranking

NAMES = ("accuracy", "latency", "edge_seconds", "bytes", "device_seconds")
objectives = st.builds(
    Objective,
    st.sampled_from(NAMES),
    st.sampled_from([None, "device", "edge"]),
    st.just(0.0) | st.floats(0.0, 1.0),
)


def costs_of(table: CostTable, objective: Objective, link: Link) -> list[tuple[float, ...]]:
    """What each plan is sorted by."""
    edge_s, device_s = table.in_the_mean.edge_compute_s, table.in_the_mean.device_compute_s
    latency = table.in_the_mean.latency_s(link)
    first = {
        "accuracy": -table.depth,
        "latency": latency,
        "edge_seconds": edge_s,
        "device_seconds": device_s,
        "bytes": table.in_the_mean.size_bytes.sum(axis=0),
    }[objective.name]
    second = {None: np.zeros(len(table)), "device": edge_s, "edge": device_s}[objective.prefer]
    lacking = np.maximum(objective.least_accuracy - table.accuracy, 0.0)
    return list(zip(lacking, first, second, -table.accuracy, latency, strict=True))


def _whole_and_pruned(network: Any, objective: Objective) -> tuple[CostTable, CostTable]:
    """All plans of a network, and what is left of them where nothing is lost."""
    few = network.table(pruned_space(network.costs, Pruning(counted=objective.counted)))
    return network.candidates, few


@settings(max_examples=150, deadline=None)
@given(st.data(), objectives)
def test_the_least_of_all_in_time(
    windowed_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
    data: st.DataObject,
    objective: Objective,
) -> None:
    """Of a pruned space as of the whole one; where nothing is in time, the fastest."""
    full, few = _whole_and_pruned(data.draw(windowed_networks), objective)
    link, requirement_s = data.draw(links), data.draw(requirements)
    for table in (full, few):
        found = objective.search(table, link, requirement_s)
        latency = full.latency_s(link)
        in_time = np.flatnonzero(latency <= requirement_s)
        if objective.is_usual or not in_time.size:
            assert found.latency_s == exit_search(full, link, requirement_s).latency_s
            continue
        costs = costs_of(full, objective, link)
        assert costs[full.index_of(found.plan)] == min(costs[k] for k in in_time)
        assert found.meets_requirement


@settings(max_examples=50, deadline=None)
@given(st.data(), objectives)
def test_the_least_in_the_mean_of_all_in_time_at_worst(
    asking_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
    data: st.DataObject,
    objective: Objective,
) -> None:
    """With plans that leave early, of a pruned space as of the whole one."""
    full, few = _whole_and_pruned(data.draw(asking_networks), objective)
    link, requirement_s = data.draw(links), data.draw(requirements)
    in_time = np.flatnonzero(full.latency_s(link) <= requirement_s)
    costs = costs_of(full, objective, link)
    for table in (full, few) if in_time.size else ():
        decision = objective.search(table, link, requirement_s)
        if objective.is_usual:  # the deepest exit, however accurate
            assert decision.latency_s == exit_search(full, link, requirement_s).latency_s
            continue
        found = full.index_of(decision.plan)
        assert full.latency_s(link)[found] <= requirement_s
        assert costs[found][:2] == pytest.approx(min(costs[k] for k in in_time)[:2])


@given(st.data(), objectives)
def test_the_ranking_begins_with_the_choice(
    random_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
    data: st.DataObject,
    objective: Objective,
) -> None:
    """And every plan is in it once."""
    table, link = data.draw(random_networks).candidates, data.draw(links)
    requirement_s = data.draw(requirements)
    order = ranking(table, link, requirement_s, None, objective)
    assert sorted(order) == list(range(len(table)))
    found = objective.search(table, link, requirement_s)
    if found.meets_requirement:
        assert order[0] == found.index


@pytest.mark.parametrize(
    ("objective", "plan"),
    [
        (USUAL_OBJECTIVE, "exit2:p3"),
        (Objective("latency"), "exit1:p3"),
        (Objective("edge_seconds"), "exit2:p0"),
        (Objective("bytes"), "exit2:p0"),
        (Objective("device_seconds"), "exit2:p3"),
        (Objective("accuracy", prefer="device"), "exit2:p0"),
        (Objective("accuracy", prefer="edge"), "exit2:p3"),
        (Objective("latency", least_accuracy=0.82), "exit2:p3"),
        (Objective("latency", least_accuracy=0.75), "exit1:p3"),
    ],
)
def test_what_each_chooses(branchy: CostTable, objective: Objective, plan: str) -> None:
    """An edge ten times as fast on a quick link, and time enough for everything."""
    decision = objective.search(branchy, Link(0.001, 1e8, 1e8), 0.1)
    assert decision.plan == Plan.parse(plan)


def test_only_ready_plans(branchy: CostTable) -> None:
    """What is not ready is not chosen."""
    found = Objective("latency").search(branchy, Link(0.001, 1e8, 1e8), 0.1, ready=~branchy.remote)
    assert found.plan == Plan.device_only("exit1")


def test_a_floor_that_nothing_in_time_reaches(branchy: CostTable) -> None:
    """The nearest to it is chosen, and it is said so."""
    link = Link(0.001, 1e8, 1e8)
    found = Objective("bytes", least_accuracy=0.9).search(branchy, link, 0.1)
    assert found.plan == Plan.device_only("exit2")
    assert found.reason == "comes nearest to the least accuracy of 0.9 of all that are in time"
    enough = Objective("bytes", least_accuracy=0.8).search(branchy, link, 0.1)
    assert (enough.plan, enough.reason) == (
        Plan.device_only("exit2"),
        "sends the fewest bytes, with accuracy of 0.8 at least, of all that are in time",
    )
