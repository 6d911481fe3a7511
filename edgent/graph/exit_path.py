"""The path to an exit: its layers, and the partition points between them."""

from dataclasses import dataclass
from functools import cached_property

from edgent.errors import PlanError
from edgent.graph.tensor import Tensor


@dataclass(frozen=True)
class Layer:
    """What lies between two neighbouring partition points of a path.

    Attributes:
        name: unique in the network.
        kind: e.g. ``conv``.
        nodes: names of its nodes in the graph.
        output, output_shape, output_dtype, output_bytes: the tensor that leaves it, without the batch.
        parameters: elements of the weights that it reads.
        macs: multiply-accumulates of one sample.
        kernel, stride: sides and steps of the kernel that a convolution or a pooling slides over its input;
            empty for everything else.
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
    kernel: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(frozen=True)
class ExitPath:
    """The chain of layers from the graph's input to an exit.

    Attributes:
        index: number of the exit, from 0, shallow to deep.
        exit_name: the graph's output that is the exit.
        source: the graph's input.
        layers: from the input to the exit.
        leaves_after: number of layers that the path shares with the deepest exit's path, which is also the
            partition point where it leaves the trunk.
    """

    index: int
    exit_name: str
    source: Tensor
    layers: tuple[Layer, ...]
    leaves_after: int

    @property
    def begins_at_input(self) -> bool:
        """Whether it shares no layer with the deepest exit's path, as one that resizes the input first."""
        return self.leaves_after == 0

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
        return self._cuts[partition_point]

    @cached_property
    def _cuts(self) -> tuple[Tensor, ...]:
        """What crosses at each partition point: planners ask thousands of times."""
        outputs = (Tensor(layer.output, layer.output_shape, layer.output_dtype) for layer in self.layers)
        return (self.source, *outputs)

    def cut_tensor(self, partition_point: int) -> str:
        """Name of the tensor that crosses at a partition point."""
        return self.cut(partition_point).name
