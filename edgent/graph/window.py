"""Windows of a path: what lies on either side of the layers that the edge runs."""

from dataclasses import dataclass

from edgent.errors import PlanError
from edgent.graph.branchy_graph import BranchyGraph
from edgent.graph.tensor import Tensor


@dataclass(frozen=True)
class Window:
    """Layers [start, stop) of a path. Exits whose paths agree on both sides share it.

    Attributes:
        exit_index, start, stop: its place on the deepest path that has it.
        tensor_up: what goes up to it: the network's input where it starts at 0.
        tensor_down: what comes down from it: an exit's answer where it ends with the path.
        exits: indices of all exits that can use it.
        in_trunk: whether it lies in the trunk that several exits share.
    """

    exit_index: int
    start: int
    stop: int
    tensor_up: Tensor
    tensor_down: Tensor
    exits: tuple[int, ...]
    in_trunk: bool

    def name(self, model_name: str) -> str:
        """As heads are named: ``alexnet-p02-p09`` in the trunk, ``alexnet-exit2-p02-p13`` elsewhere."""
        branch = "" if self.in_trunk else f"exit{self.exit_index + 1}-"
        return f"{model_name}-{branch}p{self.start:02d}-p{self.stop:02d}"

    @classmethod
    def of(cls, graph: BranchyGraph, exit_index: int, start: int, stop: int) -> "Window":
        """The window of a path, equal for all exits that share it.

        Raises:
            PlanError: the path has no such partition points, or no layer lies between them.
        """
        path = graph.paths[exit_index]
        up, down = path.cut(start), path.cut(stop)
        if start >= stop:
            raise PlanError(
                f"layers [{start}, {stop}) of {path.exit_name!r} are none: start must come before stop"
            )
        exits = tuple(
            other.index
            for other in graph.paths
            if stop in other.partition_points
            and (other.cut_tensor(start), other.cut_tensor(stop)) == (up.name, down.name)
        )
        in_trunk = len(exits) > 1 and exits[-1] == len(graph.paths) - 1
        return cls(exits[-1], start, stop, up, down, exits, in_trunk)
