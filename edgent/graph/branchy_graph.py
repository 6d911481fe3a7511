"""The branchy network as the rest of edgent sees it: its exits' paths, and the heads that they share.

Plain values only: nothing here needs ``onnx``, so a device starts without it where its cache
describes the network.
"""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path

from edgent.core.nearest_name import nearest_name
from edgent.errors import PlanError
from edgent.graph.exit_path import ExitPath
from edgent.graph.lost_cut import LostCut
from edgent.graph.tensor import Tensor


@dataclass(frozen=True)
class Head:
    """Layers [0, p) of a path: what runs on the edge. Exits whose paths agree up to the cut share it.

    Attributes:
        exit_index, partition_point: place of the cut on the deepest path that holds it.
        tensor: what crosses there.
        exits: indices of all exits that can use the head.
        in_trunk: whether the cut lies in the trunk that several exits share.
    """

    exit_index: int
    partition_point: int
    tensor: Tensor
    exits: tuple[int, ...]
    in_trunk: bool

    def name(self, model_name: str) -> str:
        """``alexnet-p04`` in the trunk that several exits share, ``alexnet-exit2-p13`` elsewhere."""
        branch = "" if self.in_trunk else f"exit{self.exit_index + 1}-"
        return f"{model_name}-{branch}p{self.partition_point:02d}"


@dataclass(frozen=True)
class BranchyGraph:
    """A multi-exit network.

    Attributes:
        path: its ONNX file.
        sha256: digest of the file, and of the external data in its folder.
        source: the graph's input.
        paths: the path to each exit, shallow to deep; the last of them is the trunk.
        lost: layers inside which partition points are missing, and why.
    """

    path: Path
    sha256: str
    source: Tensor
    paths: tuple[ExitPath, ...] = field(repr=False)
    lost: tuple[LostCut, ...] = field(default=(), repr=False)

    @property
    def input_name(self) -> str:
        """Name of the graph's only input."""
        return self.source.name

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input without the batch."""
        return self.source.shape

    @property
    def input_dtype(self) -> str:
        """The input's dtype, as NumPy names it."""
        return self.source.dtype

    @property
    def exit_names(self) -> tuple[str, ...]:
        """The exits, shallow to deep."""
        return tuple(path.exit_name for path in self.paths)

    def path_of(self, exit_name: str) -> ExitPath:
        """The path to an exit.

        Raises:
            PlanError: no exit has this name.
        """
        for path in self.paths:
            if path.exit_name == exit_name:
                return path
        raise PlanError(f"no exit {exit_name!r}; {nearest_name(exit_name, self.exit_names)}")

    def head(self, exit_index: int, partition_point: int) -> Head:
        """The head of a path, the same object for all exits that share it.

        Args:
            exit_index: from 0, shallow to deep.
            partition_point: 1 .. N; at 0 nothing runs on the edge.

        Raises:
            PlanError: no such partition point, or 0.
        """
        path = self.paths[exit_index]
        tensor = path.cut(partition_point)
        if partition_point == 0:
            raise PlanError(f"{path.exit_name!r} cut at 0 is device-only and has no head; choose 1 or more")
        return self._heads[tensor.name]

    def head_name(self, model_name: str, exit_index: int, partition_point: int) -> str:
        """Name of the head of a path: see :meth:`Head.name` and, for the arguments, :meth:`head`."""
        return self.head(exit_index, partition_point).name(model_name)

    def heads(self) -> tuple[Head, ...]:
        """All distinct heads: the trunk's first, then those of the branches, shallow to deep."""
        return tuple(sorted(self._heads.values(), key=lambda head: (not head.in_trunk, head.exit_index)))

    def windows(self) -> set[tuple[str, str]]:
        """Names of the first and the last tensor of every window [a, b) of every path."""
        return {
            (path.cut_tensor(start), path.cut_tensor(stop))
            for path in self.paths
            for start, stop in combinations(path.partition_points, 2)
        }

    @cached_property
    def _heads(self) -> dict[str, Head]:
        """The heads by the name of the tensor that leaves them."""
        places: dict[str, list[tuple[int, int]]] = {}
        for path in self.paths:
            for point in path.partition_points[1:]:
                places.setdefault(path.cut_tensor(point), []).append((path.index, point))
        last = len(self.paths) - 1
        heads = {}
        for name, where in places.items():
            owner, point = where[-1]
            exits = tuple(index for index, _ in where)
            trunk = owner == last and len(exits) > 1
            heads[name] = Head(owner, point, self.paths[owner].cut(point), exits, trunk)
        return heads
