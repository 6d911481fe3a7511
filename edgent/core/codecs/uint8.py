"""Activations in one byte an element, one affine scale for the whole tensor, then zstd where it helps.

value = low + scale * q with q in 0..255. After a relu most values are equal, and zstd halves the bytes again.
The Branchy AlexNet loses 0.05 points of accuracy at worst (docs/codecs.md).
"""

import math
import struct

import numpy as np
import zstandard

from edgent.core.codecs.codec import ACTIVATION
from edgent.errors import FrameError

_SCALE = struct.Struct("<ff")  # low, scale
_LEVEL = 3
_GREATEST = 1e37  # far beyond any activation; low + 255 * scale stays a float32
_WORTH_COMPRESSING_BYTES = 300  # below, zstd's own header eats the gain


class Uint8Codec:
    """Payload: low and scale as float32, then n bytes as they are, or zstd of them in any other number."""

    name = "uint8"
    number = 3
    carries = (ACTIVATION,)
    lossless = False

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """32-bit floats only."""
        return dtype == np.float32

    def encode(self, tensor: np.ndarray) -> bytes:
        """Quantise to 256 levels between the least and the greatest value.

        Raises:
            FrameError: the tensor holds a value that is not finite, or beyond 1e37.
        """
        if tensor.size == 0:
            return _SCALE.pack(0.0, 0.0)
        low, high = float(tensor.min()), float(tensor.max())
        scale = np.float32((high - low) / 255.0)  # as the receiver sees it
        if not (low >= -_GREATEST and high <= _GREATEST):  # false for NaN, too
            raise FrameError(f"an activation between {low} and {high} cannot be written as uint8")
        if scale == 0.0:
            levels = np.zeros(tensor.size, np.uint8)
        else:
            levels = np.clip(np.rint((tensor.ravel() - np.float32(low)) / scale), 0, 255).astype(np.uint8)
        plain = levels.tobytes()
        if len(plain) >= _WORTH_COMPRESSING_BYTES:
            packed = zstandard.ZstdCompressor(level=_LEVEL).compress(plain)
            if len(packed) < len(plain):
                plain = packed
        return _SCALE.pack(low, scale) + plain

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor, each element within half a step of what was sent."""
        count = math.prod(shape)
        if len(payload) < _SCALE.size:
            raise FrameError(f"a uint8 payload has at least {_SCALE.size} bytes, this is {len(payload)}")
        low, scale = _SCALE.unpack_from(payload)
        if not (math.isfinite(low) and math.isfinite(scale) and scale >= 0):
            raise FrameError(f"a uint8 payload with low {low} and scale {scale}: both must be finite")
        packed = payload[_SCALE.size :]
        plain: bytes | memoryview = packed
        if len(packed) != count:
            try:
                if zstandard.frame_content_size(packed) != count:
                    raise FrameError(f"a uint8 payload that does not hold {count} elements")
                plain = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
            except zstandard.ZstdError as error:
                raise FrameError(f"a uint8 payload that is no zstd: {error}") from None
        levels = np.frombuffer(plain, np.uint8)
        if levels.size != count:
            raise FrameError(f"a uint8 payload that holds {levels.size} elements instead of {count}")
        with np.errstate(over="ignore"):
            values = levels.astype(np.float32) * np.float32(scale) + np.float32(low)
        restored: np.ndarray = values.reshape(shape)
        return restored
