"""The code of a feature codec, bit for bit: Huffman's code of its elements, or these where that is less."""

import numpy as np

from edgent.core.code_packing import pack_code, unpack_code
from edgent.core.codecs.codec import CODE


class HuffmanCodec:
    """One byte an element or less. A spec names no such codec: it belongs to every feature codec."""

    name = "huffman"
    number = 16
    carries = (CODE,)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Single bytes only."""
        return dtype == np.uint8

    def encode(self, tensor: np.ndarray) -> bytes:
        """The elements in row-major order, packed where that is less."""
        return pack_code(tensor)

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor, read-only."""
        return unpack_code(payload, shape)
