"""Every segment that a device may run or time, so that all of them can be cut before it starts."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from edgent.latency.places import Place, plan_places, short_places

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph


def device_places(graph: BranchyGraph, *, stops_inside: bool) -> list[Place]:
    """What a device may run under any plan, and what its profile times, each once.

    A device runs from the input, from a cut or from an exit to a cut, to an exit or to the end. All but the
    cuts are few: the ends of a path and the points at which exits leave the trunk.

    Args:
        graph: the network.
        stops_inside: whether the device may stop at a cut, or go on from one to an exit on its way: with
            windows, feature codecs or an exit rule.
    """
    places = [*plan_places(graph, "device"), *short_places(graph)]
    for path in graph.paths:
        leaving = {other.leaves_after for other in graph.paths if other.leaves_after <= path.leaves_after}
        ends = {0, len(path.layers), *leaving}
        points = path.partition_points if stops_inside else sorted(ends)
        places += [
            Place.of(graph, path.index, start, stop)
            for start, stop in combinations(points, 2)
            if start in ends or stop in ends
        ]
    return list(dict.fromkeys(places))
