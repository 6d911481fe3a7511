"""The code of a feature codec, bit for bit: its bytes, or zstd of them where that is less."""

import math

import numpy as np

from edgent.core.codecs.codec import CODE
from edgent.core.codecs.packed_bytes import pack, unpack


class ZstdCodec:
    """One byte an element. A spec names no such codec: it belongs to every feature codec."""

    name = "zstd"
    number = 16
    carries = (CODE,)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Single bytes only."""
        return dtype == np.uint8

    def encode(self, tensor: np.ndarray) -> bytes:
        """The elements in row-major order, packed where that is less."""
        return pack(tensor.tobytes())

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor, read-only."""
        return np.frombuffer(unpack(payload, math.prod(shape), self.name), np.uint8).reshape(shape)
