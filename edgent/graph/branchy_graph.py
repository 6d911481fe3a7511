"""The branchy network as the rest of edgent sees it: exits, paths, layers, partition points, heads.

Plain values only: nothing here needs ``onnx``, so a device that finds its network described in the cache
(:mod:`edgent.graph.segments`) starts without it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

ITEM_BYTES = {
    "uint8": 1,
    "int8": 1,
    "bool": 1,
    "float16": 2,
    "int32": 4,
    "float32": 4,
    "int64": 8,
    "float64": 8,
}


@dataclass(frozen=True)
class Tensor:
    """A tensor that can cross a cut: its name in the graph, its shape without the batch, its dtype."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size_bytes(self) -> int:
        """Bytes of one sample, as it lies in memory."""
        return prod(self.shape) * ITEM_BYTES[self.dtype]


@dataclass(frozen=True)
class Layer:
    """What lies between two neighbouring partition points of a path.

    ``nodes`` are the nodes' names in the graph, ``macs`` the multiply-accumulates of one sample, and
    ``parameters`` the elements of the weights it reads. ``window`` and ``stride`` are the sides of the window
    that a convolution or a pooling slides over its input, and its steps; empty for everything else.
    """

    name: str
    kind: str
    nodes: tuple[str, ...]
    output: str
    output_shape: tuple[int, ...]
    output_dtype: str
    output_bytes: int
    parameters: int
    macs: int
    window: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(frozen=True)
class ExitPath:
    """The chain of layers from the graph's input to one exit.

    ``index`` counts from 0, shallow to deep. ``leaves_after`` is how many layers the path shares with the
    deepest exit's, which is also the partition point where it leaves the trunk.
    """

    index: int
    exit_name: str
    source: Tensor
    layers: tuple[Layer, ...]
    leaves_after: int

    @property
    def partition_points(self) -> range:
        """0 (device-only) .. N (edge-only)."""
        return range(len(self.layers) + 1)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the whole path, for one sample."""
        return sum(layer.macs for layer in self.layers)

    @property
    def parameters(self) -> int:
        """Elements of all weights along the path."""
        return sum(layer.parameters for layer in self.layers)

    def cut(self, partition_point: int) -> Tensor:
        """The tensor that crosses at a partition point: the graph's input at 0, the exit's output at N.

        Raises:
            PlanError: the path has no such partition point.
        """
        if partition_point not in self.partition_points:
            raise PlanError(
                f"exit {self.exit_name!r} has no partition point {partition_point}: "
                f"choose one of 0 (device-only) to {len(self.layers)} (edge-only)"
            )
        if partition_point == 0:
            return self.source
        layer = self.layers[partition_point - 1]
        return Tensor(layer.output, layer.output_shape, layer.output_dtype)

    def cut_tensor(self, partition_point: int) -> str:
        """Name of the tensor that crosses at a partition point."""
        return self.cut(partition_point).name


@dataclass(frozen=True)
class Head:
    """Layers [0, p) of a path: what runs on the edge. Exits whose paths agree up to the cut share it.

    ``exit_index`` and ``partition_point`` place the cut on the deepest path that holds it; ``exits`` are the
    indices of all exits that can use it.
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
    """A multi-exit network: one path per exit, shallow to deep; the last one holds the trunk."""

    path: Path
    sha256: str
    source: Tensor
    paths: tuple[ExitPath, ...] = field(repr=False)

    @classmethod
    def read(cls, path: Path | str, exits: Sequence[str] | None = None) -> BranchyGraph:
        """Read an ONNX file whose outputs are the exits; every output is one unless ``exits`` names them.

        Raises:
            ModelError: the file is missing, no ONNX, or cannot be cut; the message says what to do.
        """
        from edgent.graph.onnx_model import read_branchy_graph  # noqa: PLC0415 - imports onnx, 0.25 s

        return read_branchy_graph(Path(path), exits)

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
        raise PlanError(f"no exit {exit_name!r}; {nearest(exit_name, self.exit_names)}")

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

    @cached_property
    def _heads(self) -> dict[str, Head]:
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


def nearest(name: str, known: Sequence[str]) -> str:
    """What to say about an unknown name: the nearest known one, or all of them."""
    matches = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {matches[0]!r}?" if matches else f"known are {', '.join(known)}"
