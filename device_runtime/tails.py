"""The tails: what the device computes itself, loaded when first needed and kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.run_times import RunTimes
from edgent.core.segment import Segment

if TYPE_CHECKING:
    from edgent.core.segment import Stop
    from edgent.network import Network

_FIRST_RUNS = 3


class Tails:
    """Sessions for layers [p, N) of every path; p = 0 is the whole path."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._loaded: dict[tuple[int, int], tuple[Segment, RunTimes]] = {}

    def load(self, exit_index: int, partition_point: int) -> tuple[float, ...]:
        """Make a tail ready and warm: slow the first time, a look-up afterwards.

        A new tail takes tenths of a second, so it is loaded where nothing waits for it.

        Returns:
            Seconds that its first runs took; none where it was ready, or has no layers.
        """
        key = (exit_index, partition_point)
        if key in self._loaded or self._is_empty(exit_index, partition_point):
            return ()
        device = self._network.spec.device
        model = self._network.segments.tail(exit_index, partition_point).read_bytes()
        segment = Segment(model, providers=device.providers, threads=device.threads)
        segment.warm_up(1)
        times = RunTimes()
        zeros = np.zeros((1, *segment.input_shape), segment.input_dtype)
        for _ in range(_FIRST_RUNS):
            began_s = time.perf_counter()
            segment.run(zeros)
            times.observe(time.perf_counter() - began_s)
        self._loaded[key] = (segment, times)
        return times.runs_s

    def run(
        self, exit_index: int, partition_point: int, activation: np.ndarray, stop: Stop | None = None
    ) -> np.ndarray:
        """Logits, shape (batch, classes), of the activation at a partition point.

        Raises:
            StoppedError: ``stop`` was called meanwhile.
        """
        if self._is_empty(exit_index, partition_point):
            return activation
        self.load(exit_index, partition_point)
        segment, times = self._loaded[exit_index, partition_point]
        began_s = time.perf_counter()
        logits = segment.run(activation) if stop is None else segment.run(activation, stop)
        times.observe(time.perf_counter() - began_s)
        return logits

    def takes(self, exit_index: int, partition_point: int) -> float:
        """Seconds that 99 % of a loaded tail's latest runs kept to; 0 for the tail without layers."""
        if self._is_empty(exit_index, partition_point):
            return 0.0
        return self._loaded[exit_index, partition_point][1].high_s

    def _is_empty(self, exit_index: int, partition_point: int) -> bool:
        return partition_point == len(self._network.graph.paths[exit_index].layers)
