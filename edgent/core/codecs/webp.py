"""One image as lossless WebP: half the bytes of the raw pixels, exactly the same pixels."""

import io

import numpy as np

from edgent.core.codecs.codec import INPUT
from edgent.core.codecs.pixels import is_one_image, read_image, size_of, to_image
from edgent.errors import FrameError

LONGEST_SIDE = 16383
"""WebP's own limit."""
# On small images more effort costs time and bytes: CIFAR's take 1543 bytes and 0.2 ms here, 1558 and 0.7 ms
# with the library's defaults (docs/laboratory/codecs.md).
_METHOD = 1
_EFFORT = 0
_KIND = slice(8, 16)
_LOSSLESS = b"WEBPVP8L"
_SIZE = slice(21, 25)  # two sides less one, 14 bits each, behind a byte of signature


class WebpCodec:
    """A single uint8 image of one or three channels."""

    name = "webp"
    number = 4
    carries = (INPUT,)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """One uint8 image [1, 1 or 3, height, width], at most 16383 pixels a side."""
        return is_one_image(shape, dtype, LONGEST_SIDE)

    def encode(self, tensor: np.ndarray) -> bytes:
        """The image file's bytes."""
        buffer = io.BytesIO()
        to_image(tensor).convert("RGB").save(buffer, "WEBP", lossless=True, quality=_EFFORT, method=_METHOD)
        return buffer.getvalue()

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The pixels, exactly.

        Pillow takes memory for the whole canvas when it opens a file, so the size is read here before.
        """
        if not self.supports(shape, dtype):
            raise FrameError(f"webp holds one uint8 image of 1 or 3 channels, not a {dtype} tensor {shape}")
        file = bytes(payload)
        sides = int.from_bytes(file[_SIZE], "little")
        size = (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
        if file[_KIND] != _LOSSLESS or size != size_of(shape):
            raise FrameError(f"a payload that is no lossless webp of shape {shape}")
        return read_image(file, "WEBP", size, shape)  # a grey image has three equal channels: nothing rounds
