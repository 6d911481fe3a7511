"""The pieces that exits cut a path into where they are asked, and these exits' own layers.

Which exits are asked is chosen by what the pieces take, so there is a piece between any two.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from edgent.latency.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.planning.checked_exit import CheckedExit


def asked_places(graph: BranchyGraph, asked: Sequence[CheckedExit]) -> list[Place]:
    """What either node runs of a whole path where exits on it are asked, each segment once.

    Args:
        graph: the network.
        asked: the exits at which inputs may leave, shallow to deep.
    """
    places = []
    for path in graph.paths:
        before = [checked.point for checked in asked if path.exit_name in checked.lost]
        cuts = [0, *before, len(path.layers)] if before else []
        places += [
            Place.of(graph, path.index, *piece) for piece in combinations(cuts, 2) if piece[0] < piece[1]
        ]
        if path.exit_name in {checked.exit for checked in asked}:
            places.append(Place.of(graph, path.index, path.leaves_after, len(path.layers)))
    return list(dict.fromkeys(places))
