"""The segments that a device may need: none is missing, and no path names one that another path has."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from edgent.latency.device_places import device_places
from edgent.latency.places import Place, plan_places, short_places

if TYPE_CHECKING:
    from edgent.network import Network


def test_the_paper_has_tails_alone(tiny_network: Network) -> None:
    """Beside them what is profiled, and the pieces from exit to exit."""
    graph = tiny_network.graph
    places = device_places(graph, stops_inside=False)
    assert len(places) == len(set(places))
    assert set(places) >= {*plan_places(graph, "device"), *short_places(graph)}
    deepest = graph.paths[-1]
    leaving = graph.paths[0].leaves_after
    for piece in [(0, leaving), (leaving, len(deepest.layers))]:
        assert Place.of(graph, deepest.index, *piece) in places
    inner = Place.of(graph, deepest.index, 0, leaving + 2)
    assert inner not in places
    assert inner in device_places(graph, stops_inside=True)


def test_windows_may_stop_anywhere(resizing_network: Network) -> None:
    """From the input, from an exit or from a cut, to a cut, to an exit or to the end: of every path."""
    graph = resizing_network.graph
    places = set(device_places(graph, stops_inside=True))
    for path in graph.paths:
        last = len(path.layers)
        leaving = [other.leaves_after for other in graph.paths if other.leaves_after <= path.leaves_after]
        for point in path.partition_points:
            for start, stop in combinations(sorted({0, point, last, *leaving}), 2):
                assert Place.of(graph, path.index, start, stop) in places
