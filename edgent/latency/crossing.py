"""What crosses each cut when real inputs run through the network, and how it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.wire import IDENTITY_BYTES, Frame, fits_in_a_frame, write_frame
from edgent.errors import InputError
from edgent.latency.places import Place, codec_places
from edgent.planning.plan import FLOAT32

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.core.segment import Segment
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.tensor import Tensor
    from edgent.network import Network

_IDENTITY = bytes(IDENTITY_BYTES)
_MOST_ACTIVATIONS_BYTES = 1 << 30


def check_samples(network: Network, samples: np.ndarray) -> None:
    """Refuse samples that are no inputs of the network.

    Raises:
        InputError: another shape or element type, or none at all.
    """
    shape, dtype = network.graph.input_shape, network.graph.input_dtype
    if samples.ndim == 0 or samples.shape[1:] != shape or samples.dtype != dtype or len(samples) == 0:
        raise InputError(
            f"samples of shape {samples.shape}, {samples.dtype}; expected (n, {', '.join(map(str, shape))}), "
            f"{dtype}, with n at least 1"
        )


def cut_activations(
    graph: BranchyGraph, layer: Callable[[Place], Segment], samples: np.ndarray
) -> dict[tuple[str, int], list[np.ndarray]]:
    """What crosses each cut, by (deepest exit that has it, partition point): one array a sample, batch 1.

    All samples cross as inputs. Activations are those of as many of them, the first ones, as 1 GiB has room
    for; of one in any case.
    """
    crossing: dict[tuple[str, int], list[np.ndarray]] = {}
    cuts = (graph.path_of(exit_name).cut(point) for exit_name, point in codec_places(graph) if point)
    count = max(1, _MOST_ACTIVATIONS_BYTES // sum(cut.size_bytes for cut in cuts))
    for path in reversed(graph.paths):
        tensors = [sample[np.newaxis] for sample in samples]
        crossing[path.exit_name, 0] = tensors
        tensors = tensors[:count]
        for point in path.partition_points[1:]:
            place = Place.of(graph, path.index, point - 1, point)
            known = crossing.get((place.exit, point))
            tensors = known or [layer(place).run(tensor) for tensor in tensors]
            crossing[place.exit, point] = tensors
    return crossing


def write_tensor(tensor: np.ndarray, codec: str, carries: str = INPUT) -> bytes:
    """A frame as it would travel, with an input or with an activation."""
    if carries == ACTIVATION:
        codec = CODECS.answering(codec, tensor.dtype)
    return write_frame(Frame(tensor, codec, _IDENTITY))


def can_cross(tensor: Tensor) -> bool:
    """Whether one sample's tensor fits in a frame at all; heads refuse larger ones."""
    return fits_in_a_frame((1, *tensor.shape), np.dtype(tensor.dtype))


def can_write(codec: str, carries: str, tensor: Tensor) -> bool:
    """Whether a codec writes the input, or the activation at a cut.

    ``float32`` writes every activation that fits in a frame.
    """
    if not can_cross(tensor):
        return False
    if carries == ACTIVATION and codec == FLOAT32:
        return True
    return CODECS[codec].supports((1, *tensor.shape), np.dtype(tensor.dtype))
