"""The pieces of a network between exits: the trunk from where one leaves it to the next, and the branches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from edgent.planning.stages import Stage, run_on_device

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph


@dataclass(frozen=True)
class Way:
    """The way to an exit from the one before it, or from where the device stands.

    Attributes:
        exit: its name.
        trunk: the layers of the trunk to the point where it leaves; None where that is reached already.
        branch: its own layers; None where it has none, as the deepest exit.
        from_input: its own layers begin at the input, wherever on the trunk the device stands.
    """

    exit: str
    trunk: Stage | None
    branch: Stage | None
    from_input: bool = False


class ExitSegments:
    """The ways of one network, so that no layer is run twice on the way from exit to exit."""

    def __init__(self, graph: BranchyGraph) -> None:
        self._graph = graph
        self._trunk = graph.paths[-1]
        self._from_input = [path for path in graph.paths if path.begins_at_input]
        on_trunk = (path for path in graph.paths if not path.begins_at_input)
        self._leaving = sorted(on_trunk, key=lambda path: path.leaves_after)
        self.ahead = cache(self._ahead)

    def _ahead(self, start: int) -> tuple[Way, ...]:
        """The way to each exit that begins at the input, then to those that leave the trunk from here on."""
        paths = [path for path in self._leaving if path.leaves_after >= start]
        points = [start, *(path.leaves_after for path in paths)]
        from_input = (
            Way(path.exit_name, None, self._layers(path.exit_name, 0, len(path.layers)), from_input=True)
            for path in self._from_input
        )
        on_trunk = (
            Way(
                path.exit_name,
                self._layers(self._trunk.exit_name, first, last),
                self._layers(path.exit_name, path.leaves_after, len(path.layers)),
            )
            for path, (first, last) in zip(paths, pairwise(points), strict=True)
        )
        return *from_input, *on_trunk

    def to(self, exit_name: str, start: int) -> tuple[Stage, ...]:
        """What is left to run of an exit's path from a partition point on.

        From the input, and inside the branch, that is one stage; from inside the trunk a stage for each
        piece of the trunk and the branch.
        """
        path = self._graph.path_of(exit_name)
        if start == 0 or start > path.leaves_after:
            return (run_on_device(exit_name, start, len(path.layers)),)
        ways = self.ahead(start)
        last = next(k for k, way in enumerate(ways) if way.exit == exit_name)
        stages = *(way.trunk for way in ways[: last + 1]), ways[last].branch
        return tuple(stage for stage in stages if stage is not None)

    def all(self) -> tuple[Stage, ...]:
        """Every piece of the trunk and every branch."""
        stages = (stage for way in self.ahead(0) for stage in (way.trunk, way.branch))
        return tuple(stage for stage in stages if stage is not None)

    @staticmethod
    def _layers(exit_name: str, start: int, stop: int) -> Stage | None:
        return run_on_device(exit_name, start, stop) if start < stop else None
