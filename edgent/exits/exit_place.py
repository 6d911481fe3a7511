"""Where along a trunk an exit may stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.exits.pooling import pooled_size

if TYPE_CHECKING:
    from edgent.graph.exit_path import ExitPath
    from edgent.graph.tensor import Tensor

MOST_FEATURES = 16_384  # of a linear layer: more of them are weights rather than an exit
_MOST_AXES = 4
_FLOATS = ("float32", "float16")


@dataclass(frozen=True)
class ExitPlace:
    """A cut of the trunk that an exit can read.

    Attributes:
        partition_point: number of the trunk's layers before it.
        tensor: what the exit reads.
        macs: multiply-accumulates of the layers before it.
    """

    partition_point: int
    tensor: Tensor
    macs: int


def exit_places(trunk: ExitPath, most: int = 24) -> tuple[ExitPlace, ...]:
    """Candidate places for exits, shallow to deep; the last one stands before the trunk's own classifier.

    The trunk is divided into equal shares of its multiply-accumulates. From each comes its smallest
    activation, which is where a block ends; of equally small ones the deepest.

    Args:
        trunk: the path to the network's output.
        most: number of shares.

    Returns:
        No place where no activation can be pooled into features, as in a network of one layer.
    """
    weighted = [number for number, layer in enumerate(trunk.layers) if layer.parameters]
    before_classifier = weighted[-1] if weighted else 0
    possible = [place for place in _cuts(trunk, before_classifier) if _can_be_read(place.tensor)]
    if not possible:
        return ()
    chosen: dict[int, ExitPlace] = {}
    for place in possible:
        share = min(most - 1, place.macs * most // max(1, trunk.macs))
        rival = chosen.get(share)
        if rival is None or place.tensor.size_bytes <= rival.tensor.size_bytes:
            chosen[share] = place
    chosen[max(chosen)] = possible[-1]
    return tuple(chosen.values())


def _cuts(trunk: ExitPath, last: int) -> list[ExitPlace]:
    """Every cut from the first layer to the last of them."""
    places, macs = [], 0
    for point in range(1, last + 1):
        macs += trunk.layers[point - 1].macs
        places.append(ExitPlace(point, trunk.cut(point), macs))
    return places


def _can_be_read(tensor: Tensor) -> bool:
    is_float = tensor.dtype in _FLOATS
    return is_float and 1 <= len(tensor.shape) <= _MOST_AXES and pooled_size(tensor) <= MOST_FEATURES
