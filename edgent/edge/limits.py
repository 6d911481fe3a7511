"""What TorchServe allows an archive: seconds to work, requests that wait, bytes in a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.wire import LARGEST_OVERHEAD_BYTES, LARGEST_TENSOR_BYTES
from edgent.errors import PlanError, StaleFileError
from edgent.latency.places import Place
from edgent.latency.profile import read_profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.graph.tensor import Tensor
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network

LARGEST_BATCH = 64
"""Inputs in one request at most."""
LONGEST_QUEUE = 100
_SLOWER_THAN_MEASURED = 20.0
_SHORTEST_TIMEOUT_S, _LONGEST_TIMEOUT_S = 5, 20


@dataclass(frozen=True)
class ServingLimits:
    """TorchServe's limits of one head.

    Attributes:
        response_timeout_s: a worker that has not answered by then is ended and started again. Before the
            edge is profiled 20.
        queue: how many requests may wait; TorchServe refuses any further request at once. Before the edge is
            profiled 100.
    """

    response_timeout_s: int = _LONGEST_TIMEOUT_S
    queue: int = LONGEST_QUEUE


def largest_frame_bytes(tensors: Iterable[Tensor]) -> int:
    """The most bytes of a request that holds one of some tensors, or of such an answer, whatever their codec.

    Args:
        tensors: of one sample.
    """
    sizes = [math.prod(tensor.shape) * max(np.dtype(tensor.dtype).itemsize, 4) for tensor in tensors]
    return min(max(sizes), LARGEST_TENSOR_BYTES) + LARGEST_OVERHEAD_BYTES


def edge_profile(network: Network) -> NodeProfile | None:
    """The edge's profile, if the spec names one that was made for this model."""
    spec = network.spec
    if spec.edge_profile is None:
        return None
    try:
        return read_profile(spec.resolve(spec.edge_profile), "edge", network.graph.sha256)
    except StaleFileError:
        return None


def serving_limits(
    network: Network, profile: NodeProfile | None, exit_index: int, partition_point: int
) -> ServingLimits:
    """The limits of a head.

    A worker gets twenty times what its largest batch takes. The queue holds as many requests as are
    answered within the longest requirement that the spec plans for: any further request would be late.

    Args:
        network: holds the head.
        profile: the edge's; None before the edge is profiled.
        exit_index: of the head's exit.
        partition_point: where the head ends.
    """
    if profile is None:
        return ServingLimits()
    try:
        head_s = profile.timing(Place.of(network.graph, exit_index, 0, partition_point)).time_s
    except PlanError:
        return ServingLimits()
    spec = network.spec
    longest_s = max(spec.latency_requirement_ms, *spec.range.latency_requirements_ms) / 1e3
    timeout_s = math.ceil(_SLOWER_THAN_MEASURED * LARGEST_BATCH * head_s)
    useful = math.floor(longest_s / max(head_s, 1e-6))
    return ServingLimits(
        min(max(timeout_s, _SHORTEST_TIMEOUT_S), _LONGEST_TIMEOUT_S), min(max(useful, 1), LONGEST_QUEUE)
    )
