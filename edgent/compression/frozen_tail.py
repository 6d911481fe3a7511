"""The layers behind a feature codec as torch modules: gradients pass through them, their weights stay."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from edgent.compression.torch_graph import TorchGraph
from edgent.compression.torch_operators import NotCoveredError

if TYPE_CHECKING:
    from edgent.compression.codec_place import CodecPlace
    from edgent.graph.exit_path import ExitPath
    from edgent.network import Network

_LARGEST_DIFFERENCE = 1e-3  # of the answers' own spread


class FrozenTail(nn.Module):
    """From the tensor that a decoder gives to the answers of all exits behind it.

    The trunk is run once: in pieces, between the points where exits leave it.
    """

    def __init__(self, network: Network, place: CodecPlace) -> None:
        """Read the tail.

        Raises:
            NotCoveredError: it has an operator that cannot be run in torch.
        """
        super().__init__()
        paths = [network.graph.path_of(name) for name in place.exits]
        owner = paths[-1]
        leaves = [*(_leaves_at(path, owner, place.stop) for path in paths[:-1]), len(owner.layers)]
        points = [place.stop, *sorted(set(leaves) - {place.stop})]
        self._leaves = leaves
        self.trunk = nn.ModuleDict(
            {str(stop): _piece(network, owner.index, start, stop) for start, stop in pairwise(points)}
        )
        self.branches = nn.ModuleList(
            _piece(network, path.index, leave, len(path.layers))
            for path, leave in zip(paths[:-1], leaves, strict=False)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Answers of the exits, shallow to deep, each of shape (n, classes)."""
        start = min(self._leaves[0], *(int(stop) for stop in self.trunk))
        along = {start: x} if str(start) not in self.trunk else {}
        for stop, piece in self.trunk.items():
            x = piece(x)
            along[int(stop)] = x
        ends = [branch(along[leave]) for branch, leave in zip(self.branches, self._leaves, strict=False)]
        return [*ends, x]

    def check(self, tensors: np.ndarray, answers: np.ndarray) -> None:
        """Compare with onnxruntime's answers.

        Args:
            tensors: what the tail reads, shape (n, *shape).
            answers: of all exits side by side, shape (n, sum of classes).

        Raises:
            NotCoveredError: they differ, or there are none.
        """
        try:
            with torch.no_grad():
                given = torch.cat(
                    [answer.flatten(1) for answer in self(torch.from_numpy(tensors))], 1
                ).numpy()
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise NotCoveredError(f"an operator that torch runs otherwise ({reason})") from error
        if given.shape != answers.shape:
            raise NotCoveredError(f"an operator that gives answers of shape {given.shape}")
        difference = float(np.abs(given - answers).max() / max(1e-6, answers.std()))
        if not difference <= _LARGEST_DIFFERENCE:
            raise NotCoveredError(
                f"an operator that torch computes otherwise (answers differ by {difference:.1g})"
            )


def _leaves_at(path: ExitPath, owner: ExitPath, point: int) -> int:
    """The last partition point that a path has in common with the deepest one."""
    while (
        point + 1 < len(path.layers)
        and point + 1 < len(owner.layers)
        and path.cut_tensor(point + 1) == owner.cut_tensor(point + 1)
    ):
        point += 1
    return point


def _piece(network: Network, exit_index: int, start: int, stop: int) -> TorchGraph:
    return TorchGraph(network.segments.standalone(exit_index, start, stop))
