"""Layers and feature codecs that stay open from batch to batch, within a bound of memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edgent.core.segment import Segment

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from edgent.network import Network


_LARGE_BYTES = 2**24
_MOST_THREADS = 8
"""Each open file has threads of its own: large ones few, small ones none beside the caller's."""


class OpenSegments:
    """Runs ONNX files of a network; those opened longest ago make room."""

    def __init__(self, network: Network, max_open_bytes: int) -> None:
        """Nothing is open yet.

        Args:
            network: whose layers and feature codecs are run.
            max_open_bytes: of the graphs and weights of all that is open; one is open whatever it takes, and
                what is more is opened again and again.
        """
        self._segments, self._max_open_bytes = network.segments, max_open_bytes
        self._open: dict[Path, tuple[Segment, int]] = {}

    def layers(self, index: int, start: int, stop: int, tensors: np.ndarray) -> np.ndarray:
        """What layers [start, stop) of an exit's path make of tensors, shape (batch, ...)."""
        return self.run(self._segments.segment(index, start, stop), tensors)

    def run(self, file: Path, tensors: np.ndarray) -> np.ndarray:
        """What a file's graph makes of tensors, shape (batch, ...)."""
        if file not in self._open:
            size_bytes = self._segments.size_bytes(file)
            while self._open and self._open_bytes() + size_bytes > self._max_open_bytes:
                del self._open[next(iter(self._open))]
            threads = min(os.cpu_count() or 1, _MOST_THREADS) if size_bytes > _LARGE_BYTES else 1
            self._open[file] = Segment(file, threads=threads, keeps_memory=False), size_bytes
        return self._open[file][0].run(tensors)

    def _open_bytes(self) -> int:
        return sum(size_bytes for _, size_bytes in self._open.values())
