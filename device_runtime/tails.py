"""The tails: what the device computes itself, loaded when first needed and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.segment import Segment

if TYPE_CHECKING:
    import numpy as np

    from edgent.network import Network


class Tails:
    """Sessions for layers [p, N) of every path; p = 0 is the whole path."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._loaded: dict[tuple[int, int], Segment] = {}

    def load(self, exit_index: int, partition_point: int) -> Segment:
        """The tail, warm; a slow first call, a look-up afterwards."""
        key = (exit_index, partition_point)
        if key not in self._loaded:
            device = self._network.spec.device
            model = self._network.segments.tail(exit_index, partition_point).read_bytes()
            segment = Segment(model, providers=device.providers, threads=device.threads)
            segment.warm_up()
            self._loaded[key] = segment
        return self._loaded[key]

    def run(self, exit_index: int, partition_point: int, activation: np.ndarray) -> np.ndarray:
        """Logits, shape (batch, classes), of the activation at a partition point."""
        if partition_point == len(self._network.graph.paths[exit_index].layers):
            return activation
        return self.load(exit_index, partition_point).run(activation)
