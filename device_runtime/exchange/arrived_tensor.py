"""The tensor that an edge answered with, if it is the one that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import HeadRefusedError

if TYPE_CHECKING:
    import numpy as np

    from device_runtime.edges.addresses import Address
    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.graph.tensor import Tensor


def arrived_tensor(address: Address, arrival: Arrival, cut: Tensor) -> np.ndarray:
    """What crosses at the cut, or what an exit inside the window gives. Shape (1, *shape of either).

    Raises:
        HeadRefusedError: it is another one.
    """
    assert arrival.frame is not None, "a head answers with a frame"
    left_at, takes = arrival.left_at, "the tail takes"
    if left_at is not None:
        cut, takes = left_at.cut(len(left_at.layers)), f"{left_at.exit_name} gives"
    tensor = arrival.frame.tensor
    if tensor.shape != (1, *cut.shape) or tensor.dtype != cut.dtype:
        raise HeadRefusedError(
            f"{address} answered with {tensor.dtype} of shape {tensor.shape}, {takes} {cut.dtype} of shape "
            f"{(1, *cut.shape)}"
        )
    return tensor
