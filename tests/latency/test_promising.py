"""Which windows are worth measuring, given both profiles or one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.errors import PlanError
from edgent.latency.costs import network_costs
from edgent.latency.loading import spec_space
from edgent.latency.places import Place
from edgent.latency.promising import affordable, promising_segments
from edgent.network import Network
from edgent.planning.table_building import build_cost_table
from tests.latency.test_costs import by_hand

if TYPE_CHECKING:
    from edgent.latency.profile import NodeProfile

ACCURACIES = {"exit1": {("raw", "float32"): 0.7}, "exit2": {("raw", "float32"): 0.8}}


def _without_short_runs(profile: NodeProfile) -> NodeProfile:
    """Heads or tails only, as if a longer network had been measured."""
    ends = {"exit1": 6, "exit2": 8}
    kept = [row for row in profile.segments if row.start == 0 or row.stop == ends[row.exit]]
    return replace(profile, segments=tuple(kept))


@pytest.fixture
def windowed(network: Network) -> Network:
    """The chain with windows, for as little of the edge's time as can be."""
    updates = {"windows": True, "objective": "edge_seconds"}
    return Network(network.spec.model_copy(update=updates), network.graph, network.segments)


def test_all_that_plans_can_choose(windowed: Network, device: NodeProfile, edge: NodeProfile) -> None:
    """Each window of the pruned space that was not measured is there, and no other one."""
    nodes = _without_short_runs(by_hand(device, 500, 30)), _without_short_runs(by_hand(edge, 100, 20))
    costs = network_costs(windowed, *nodes, ACCURACIES, windows=True)
    table = build_cost_table(costs, space=spec_space(windowed.spec, costs))
    index = windowed.graph.exit_names.index
    inner = [plan for plan in table.plans if plan.start]
    wanted = {
        "device": {Place.of(windowed.graph, index(plan.exit), 0, plan.start) for plan in inner},
        "edge": {Place.of(windowed.graph, index(plan.exit), plan.start, plan.stop) for plan in inner},
    }
    for profile, other in (nodes, nodes[::-1]):
        promising = promising_segments(windowed, profile, other)
        assert set(promising) == wanted[profile.node] - set(profile.timing_by_place)
        assert promising
        assert all(time_s > 0 for time_s in promising.values())


def test_one_node_is_guessed_from_the_other(
    windowed: Network, device: NodeProfile, edge: NodeProfile
) -> None:
    """By its regressors; without these there is nothing to guess from."""
    for profile in (device, edge):
        assert isinstance(promising_segments(windowed, profile, None), dict)
        with pytest.raises(PlanError, match="no regressors"):
            promising_segments(windowed, replace(profile, regressors={}), None)


def test_as_many_as_the_time_allows() -> None:
    """Every run counts, with the pause before it: at least 17 for each segment."""
    first, second, third = (Place("exit1", start, 5) for start in (1, 2, 3))
    promising = {first: 0.008, second: 0.018, third: 0.001}
    assert affordable(promising, 17 * 0.0099, pause_s=0.002) == []
    assert affordable(promising, 17 * 0.0101, pause_s=0.002) == [first]
    assert affordable(promising, 17 * 0.0301, pause_s=0.002) == [first, second]
    assert affordable(promising, 60.0, pause_s=0.002) == [first, second, third]
