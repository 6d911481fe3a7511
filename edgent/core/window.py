"""A window of contiguous layers: what a request to it holds, and what it answers once it is loaded."""

import math
import time
from dataclasses import dataclass

import numpy as np

from edgent.core.segment import Segment
from edgent.core.wire import LARGEST_TENSOR_BYTES
from edgent.errors import InputError

_TIMED_RUNS = 5
_LEAST_ITEM_BYTES = 4  # an element passes through a 32-bit float on its way


def largest_batch_bytes(shape: tuple[int, ...], dtype: np.dtype, largest_batch: int) -> int:
    """What so many inputs of a shape take, within the cap on frames."""
    item_bytes = max(dtype.itemsize, _LEAST_ITEM_BYTES)
    return min(largest_batch * math.prod(shape) * item_bytes, LARGEST_TENSOR_BYTES)


@dataclass(frozen=True)
class Window:
    """What a request to a window holds; known before the window is loaded.

    Attributes:
        name: for messages.
        identity: which layers of which model, as frames carry it.
        input_shape: shape of one input.
        input_dtype: element type of the input.
        largest_batch: inputs in one request at most.
    """

    name: str
    identity: bytes
    input_shape: tuple[int, ...]
    input_dtype: np.dtype
    largest_batch: int

    @property
    def largest_tensor_bytes(self) -> int:
        """What the inputs of one request take at most."""
        return largest_batch_bytes(self.input_shape, self.input_dtype, self.largest_batch)

    def check(self, tensor: np.ndarray) -> None:
        """Check that the window takes a tensor.

        Raises:
            InputError: another shape or element type, or too many inputs.
        """
        if tensor.ndim == 0 or tensor.shape[1:] != self.input_shape:
            raise InputError(f"{self.name} takes a batch of shape {self.input_shape}, not {tensor.shape}")
        if tensor.dtype != self.input_dtype:
            raise InputError(f"{self.name} takes {self.input_dtype}, not {tensor.dtype}")
        if len(tensor) > self.largest_batch:
            raise InputError(f"{self.name} takes at most {self.largest_batch} inputs, not {len(tensor)}")


class LoadedWindow:
    """A window that can run.

    Attributes:
        window: what it takes.
        least_compute_s: what one input takes at the very least; with less time left, computing is in vain.
    """

    def __init__(self, window: Window, segment: Segment) -> None:
        """Run the segment warm, so that the first request finds memory allocated and code paths taken."""
        self.window = window
        self._segment = segment
        segment.warm_up()
        zeros = np.zeros((1, *window.input_shape), window.input_dtype)
        self.least_compute_s = min(self._time_s(zeros) for _ in range(_TIMED_RUNS))

    def run(self, tensor: np.ndarray) -> np.ndarray:
        """The output for a batch."""
        return self._segment.run(tensor)

    def _time_s(self, tensor: np.ndarray) -> float:
        began_s = time.perf_counter()
        self._segment.run(tensor)
        return time.perf_counter() - began_s
