"""Where a feature codec stands: what its encoder reads, what its decoder gives, which exits lie behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edgent.errors import PlanError

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.graph.tensor import Tensor

Direction = Literal["up", "down"]
UP: Direction = "up"
DOWN: Direction = "down"
_AT = re.compile(r"(?P<exit>.+):p(?P<point>\d{1,4})")
_FROM = re.compile(r"p(\d{1,4})")


@dataclass(frozen=True)
class CodecPlace:
    """Layers [start, stop) of a path are replaced; none are where both are equal.

    Attributes:
        exit: the deepest exit behind the codec.
        start, stop: partition points of its path: the encoder reads at one, the decoder gives at the other.
        reads, gives: the tensors there.
        exits: every exit with layers behind it, shallow to deep.
        direction: ``up`` from the device to the edge, or ``down``.
    """

    exit: str
    start: int
    stop: int
    reads: Tensor
    gives: Tensor
    exits: tuple[str, ...]
    direction: Direction = UP

    @property
    def jumps(self) -> bool:
        """Whether layers are replaced."""
        return self.start < self.stop

    @classmethod
    def of(
        cls,
        graph: BranchyGraph,
        exit_name: str,
        stop: int,
        start: int | None = None,
        direction: Direction = UP,
    ) -> CodecPlace:
        """The place at a partition point of an exit's path.

        Args:
            graph: the network.
            exit_name: the exit.
            stop: where the decoder gives its tensor.
            start: where the encoder reads; at ``stop`` when None.
            direction: which way the code travels.

        Raises:
            PlanError: no such exit or partition point, or a place where no codec can stand.
        """
        path = graph.path_of(exit_name)
        start = stop if start is None else start
        gives, reads = path.cut(stop), path.cut(start)
        if start > stop:
            raise PlanError(
                f"--from p{start} lies behind --at {exit_name}:p{stop}: the encoder must read first"
            )
        if not 0 < stop < len(path.layers):
            raise PlanError(
                f"--at {exit_name}:p{stop}: a feature codec gives an activation inside the path; choose one "
                f"of p1 to p{len(path.layers) - 1}"
            )
        if direction == DOWN and start == 0:
            raise PlanError(
                "--down --from p0: the input lies on the device, and a code that comes down is made on the "
                "edge, of an activation; give --from p1 or later, or leave --down out"
            )
        for tensor in (reads, gives):
            _check_shape(tensor)
        sharers = [other for other in graph.paths if _shares(other, stop, gives)]
        return cls(
            sharers[-1].exit_name,
            start,
            stop,
            reads,
            gives,
            tuple(other.exit_name for other in sharers),
            direction,
        )

    @classmethod
    def parse(
        cls, graph: BranchyGraph, at: str, reads_at: str | None = None, direction: Direction = UP
    ) -> CodecPlace:
        """The place that a command names: ``exit6:p24`` and, where it jumps, ``p0``.

        Raises:
            PlanError: malformed, or as in `of`.
        """
        place = _AT.fullmatch(at)
        if place is None:
            raise PlanError(f"--at {at}: write an exit and a partition point, such as exit2:p7")
        start = None
        if reads_at is not None:
            point = _FROM.fullmatch(reads_at)
            if point is None:
                raise PlanError(
                    f"--from {reads_at}: write a partition point, such as p0 for the network's input"
                )
            start = int(point[1])
        return cls.of(graph, place["exit"], int(place["point"]), start, direction)


def _shares(path: ExitPath, point: int, tensor: Tensor) -> bool:
    return 0 < point < len(path.layers) and path.cut_tensor(point) == tensor.name


def _check_shape(tensor: Tensor) -> None:
    """Refuse what convolutions cannot read: vectors and token sequences are small without a codec."""
    if len(tensor.shape) != 3:
        raise PlanError(
            f"tensor {tensor.name} has shape {list(tensor.shape)}: feature codecs are trained for "
            "activations of shape [channels, height, width]; choose a cut with such a tensor, which "
            "`edgent show` lists"
        )
