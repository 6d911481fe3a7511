"""Places of windows: layers of the paths to a network's exits."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from edgent.graph.exit_path import ExitPath
from edgent.network import Network


@dataclass(frozen=True)
class Place:
    """Layers [start, stop) of the path to an exit, for the edge to run."""

    path: ExitPath
    start: int
    stop: int

    @property
    def ends(self) -> tuple[str, str]:
        """Names of the tensors that go in and come out; places with the same ones are one window."""
        return self.path.cut_tensor(self.start), self.path.cut_tensor(self.stop)

    @property
    def is_head(self) -> bool:
        """Whether it starts at the input, so that it has an endpoint of its own."""
        return self.start == 0

    def head_name(self, network: Network) -> str:
        """The name of a head, which is its endpoint's."""
        return network.graph.head_name(network.spec.name, self.path.index, self.stop)

    def __str__(self) -> str:
        return f"{self.path.exit_name}:p{self.start}-p{self.stop}"


def places(network: Network) -> Iterator[Place]:
    """Every window of every path; those that paths share come once for each."""
    for path in network.graph.paths:
        for start, stop in combinations(path.partition_points, 2):
            yield Place(path, start, stop)


def draw(network: Network, most: int, seed: int = 4) -> list[Place]:
    """So many windows at random, or all of them, in random order."""
    everywhere = list(places(network))
    return random.Random(seed).sample(everywhere, min(most, len(everywhere)))  # noqa: S311  no secret


def each_once(network: Network) -> list[Place]:
    """Every window that can be told apart, in random order."""
    return list({place.ends: place for place in draw(network, 2**31 - 1)}.values())


def whole_path(network: Network) -> Place:
    """All layers of the deepest exit's path."""
    path = network.graph.paths[-1]
    return Place(path, 0, len(path.layers))


def heads(network: Network, among: Sequence[Place]) -> dict[str, list[Place]]:
    """The heads among some windows by their names, with all places that they have."""
    named: dict[str, list[Place]] = {}
    for place in among:
        if place.is_head:
            named.setdefault(place.head_name(network), []).append(place)
    return named
