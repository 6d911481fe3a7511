"""The tensor's own bytes, as they lie in memory: what an image (uint8) costs at most."""

import math

import numpy as np

from edgent.core.codecs.codec import INPUT
from edgent.errors import FrameError


class RawCodec:
    """Little-endian elements in row-major order; any element type."""

    name = "raw"
    number = 1
    carries = (INPUT,)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Everything can be written raw."""
        return True

    def encode(self, tensor: np.ndarray) -> bytes:
        """The elements, one after the other."""
        return tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes()

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """A read-only view of the payload, without a copy."""
        expected_bytes = math.prod(shape) * dtype.itemsize
        if len(payload) != expected_bytes:
            raise FrameError(
                f"a {dtype} tensor of shape {shape} has {expected_bytes} bytes, the payload {len(payload)}"
            )
        return np.frombuffer(payload, dtype.newbyteorder("<")).reshape(shape)
