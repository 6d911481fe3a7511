"""Which segments and which cuts there are to measure, each named once however many paths share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.branchy_graph import BranchyGraph

Node = Literal["device", "edge"]
_SHORT_RUNS = (1, 2, 4)  # layers


@dataclass(frozen=True)
class Place:
    """Layers [start, stop) of an exit's path; of those that share the layers, the deepest."""

    exit: str
    start: int
    stop: int

    @classmethod
    def of(cls, graph: BranchyGraph, exit_index: int, start: int, stop: int) -> Place:
        """The place of a segment, the same for all paths that share it."""
        path = graph.paths[exit_index]
        ends = (path.cut_tensor(start), path.cut_tensor(stop))
        for deeper in reversed(graph.paths[exit_index + 1 :]):
            if stop < len(deeper.layers) and (deeper.cut_tensor(start), deeper.cut_tensor(stop)) == ends:
                return cls(deeper.exit_name, start, stop)
        return cls(path.exit_name, start, stop)

    def __str__(self) -> str:
        return f"{self.exit} [{self.start}, {self.stop})"


def plan_places(graph: BranchyGraph, node: Node) -> list[Place]:
    """Every segment that a plan can run on this node, each once."""
    places = [
        Place.of(graph, path.index, point, len(path.layers))
        if node == "device"
        else Place.of(graph, path.index, 0, point)
        for path in graph.paths
        for point in (path.partition_points[:-1] if node == "device" else path.partition_points[1:])
    ]
    return list(dict.fromkeys(places))


def short_places(graph: BranchyGraph) -> list[Place]:
    """Single layers and short runs of layers, each once: for the regressors and for the layers' own times."""
    places = [
        Place.of(graph, path.index, start, start + length)
        for path in graph.paths
        for length in _SHORT_RUNS
        for start in range(len(path.layers) - length + 1)
    ]
    return list(dict.fromkeys(places))


def codec_places(graph: BranchyGraph) -> Iterator[tuple[str, int]]:
    """Where tensors may cross, (exit, partition point), each once: the input first, the answers too."""
    yield graph.exit_names[-1], 0
    places = {
        (Place.of(graph, path.index, point - 1, point).exit, point)
        for path in graph.paths
        for point in path.partition_points[1:]
    }
    yield from sorted(places)


def owner(graph: BranchyGraph, place: Place) -> str:
    """The exit under which the tensor that enters a segment is kept."""
    if place.start == 0:
        return place.exit
    return Place.of(graph, graph.exit_names.index(place.exit), place.start - 1, place.start).exit
