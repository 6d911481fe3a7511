"""What pruning leaves out is never missed: held against the whole plan space."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.placement import Placement
from edgent.planning.plan_space import plan_space
from edgent.planning.pruning import Pruning, pruned_space, undominated
from edgent.planning.stages import DEVICE_STEPS, EDGE_STEPS

factors = st.sampled_from([0.5, 0.75, 1.0, 1.5, 2.0])
placements = st.sampled_from(
    [Placement(), Placement(input_stays=True), Placement(answer_stays=True), Placement(True, True)]
)


def _turned_out(table: CostTable, device: float, edge: float) -> CostTable:
    """The table where each node is so many times slower than profiled."""
    seconds = table.seconds.copy()
    seconds[list(DEVICE_STEPS)] *= device
    seconds[list(EDGE_STEPS)] *= edge
    mean = None if table.mean is None else _turned_out(table.mean, device, edge)
    return replace(table, seconds=seconds, mean=mean)


@settings(max_examples=150, deadline=None)
@given(st.data(), factors, factors, st.sampled_from([1.0, 4.0]), placements)
def test_the_best_plan_is_never_pruned(
    windowed_networks: st.SearchStrategy[Any],
    asking_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
    data: st.DataObject,
    device: float,
    edge: float,
    slowdown: float,
    placement: Placement,
) -> None:
    """Whatever the link, each node up to twice as slow or as fast as profiled, with a rule or without."""
    network = data.draw(windowed_networks | asking_networks)
    costs = network.costs
    full = network.table(plan_space(costs, placement)).slowed(slowdown)
    few = network.table(pruned_space(costs, Pruning(slowdown), placement)).slowed(slowdown)
    full, few = _turned_out(full, device, edge), _turned_out(few, device, edge)
    for _ in range(3):
        link, requirement_s = data.draw(links), data.draw(requirements)
        best, found = (exit_search(table, link, requirement_s) for table in (full, few))
        assert found.meets_requirement == best.meets_requirement
        if not best.meets_requirement or full.mean is None:
            assert found.latency_s == pytest.approx(best.latency_s)
        else:
            mean_s = full.mean.latency_s(link)[best.index]
            assert few.in_the_mean.latency_s(link)[found.index] == pytest.approx(mean_s)
        assert few.accuracy[found.index] >= full.accuracy[best.index] - 1e-12
        if best.meets_requirement:
            assert few.depth[found.index] == full.depth[best.index]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_is_left_is_some_of_the_space_as_it_was(
    windowed_networks: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    """In the same order, with the same costs; all device-only plans are there."""
    network = data.draw(windowed_networks)
    full, left = network.candidates, pruned_space(network.costs)
    few = network.table(left)
    assert len(few) + left.left_out.count == len(full)
    kept = np.array([full.index_of(plan) for plan in few.plans])
    assert (np.diff(kept) > 0).all()
    for name in ("seconds", "size_bytes"):
        assert (getattr(few, name) == getattr(full, name)[:, kept]).all()
    assert (few.accuracy == full.accuracy[kept]).all()
    assert (~few.remote & ~few.leaves_early).sum() == len(few.exits)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=40))
def test_what_is_undominated(rows: list[list[int]]) -> None:
    """Every row that is not kept has one that is kept and nowhere larger, and no two kept rows do that."""
    kinds = np.array(rows, dtype=np.float64)
    kept = undominated(kinds)
    for k, row in enumerate(kinds):
        beaten = (kinds[kept] <= row).all(axis=1)
        assert beaten.sum() == 1 if kept[k] else beaten.any()


def test_a_tolerance_leaves_fewer_plans_that_are_nearly_as_good() -> None:
    """Where too many are left, those that cost a little less than a kept one are left out."""
    share = np.linspace(0.1, 0.9, 200)
    kinds = np.stack([share, 1.0 - share], axis=1)
    assert undominated(kinds).sum() == 200
    kept = undominated(kinds, tolerance=0.1)
    assert kept.sum() < 40
    for row in kinds:
        assert (kinds[kept] <= 1.1 * row + 1e-12).all(axis=1).any()


@pytest.mark.parametrize("most", [5, 50])
def test_few_plans_are_left(windowed_networks: st.SearchStrategy[Any], most: int) -> None:
    """As many as a decision can look at, beside the device's own."""

    @settings(max_examples=20, deadline=None)
    @given(windowed_networks)
    def check(network: Any) -> None:
        few = network.table(pruned_space(network.costs, Pruning(most=most)))
        everything = network.table(pruned_space(network.costs, Pruning(most=10_000)))
        assert len(few) <= len(everything)
        if len(everything) <= most:
            assert few.plans == everything.plans

    check()
