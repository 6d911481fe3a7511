"""Four bytes an element: how the paper's prototype sends inputs and activations."""

import math

import numpy as np

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.errors import FrameError

_FLOAT32 = np.dtype("<f4")


class Float32Codec:
    """Elements as 32-bit floats, whatever their own type; exact for float32 and for integers below 2**24."""

    name = "float32"
    number = 2
    carries = (INPUT, ACTIVATION)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Types whose every value a 32-bit float holds exactly."""
        return dtype in (np.float32, np.float16, np.uint8, np.int8, np.uint16, np.int16, np.bool_)

    def encode(self, tensor: np.ndarray) -> bytes:
        """The elements as 32-bit floats."""
        return tensor.astype(_FLOAT32, copy=False).tobytes()

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor in its own element type."""
        expected_bytes = math.prod(shape) * _FLOAT32.itemsize
        if len(payload) != expected_bytes:
            raise FrameError(
                f"a tensor of shape {shape} as float32 has {expected_bytes} bytes, the payload {len(payload)}"
            )
        values = np.frombuffer(payload, _FLOAT32).reshape(shape)
        if dtype == np.float32:
            return values
        with np.errstate(invalid="ignore", over="ignore"):
            restored = values.astype(dtype)
        if not np.array_equal(restored, values):
            raise FrameError(f"the payload holds values that are no {dtype}")
        return restored
