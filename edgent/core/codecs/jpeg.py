"""One image as JPEG, without the header that both sides know.

Everything before the scan data (tables, size) depends on shape and quality alone: 623 bytes of a 922-byte
CIFAR image. Both sides make it by encoding a black image once; only the scan travels.
"""

import functools
import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgent.core.codecs.codec import INPUT
from edgent.core.codecs.pixels import is_one_image, to_image, to_tensor
from edgent.errors import FrameError

_QUALITY = 75
_START_OF_SCAN = b"\xff\xda"


def _file(tensor: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    # Standard Huffman tables (optimize=False): a table of its own per image would have to travel.
    to_image(tensor).save(buffer, "JPEG", quality=_QUALITY, subsampling="4:2:0", optimize=False)
    return buffer.getvalue()


@functools.lru_cache(maxsize=16)
def _header(shape: tuple[int, ...]) -> bytes:
    """All bytes of the file up to and with the start-of-scan segment."""
    file = _file(np.zeros(shape, np.uint8))
    scan = file.rindex(_START_OF_SCAN)
    return file[: scan + 2 + int.from_bytes(file[scan + 2 : scan + 4], "big")]


class JpegCodec:
    """A single uint8 image of one or three channels, at quality 75 with colour at half resolution."""

    name = "jpeg"
    number = 5
    carries = (INPUT,)
    lossless = False

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """One uint8 image [1, 1 or 3, height, width], at most 65535 pixels a side (JPEG's own limit)."""
        return is_one_image(shape, dtype, longest_side=65535)

    def encode(self, tensor: np.ndarray) -> bytes:
        """The scan data."""
        return _file(tensor)[len(_header(tensor.shape)) :]

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The pixels, as near as JPEG keeps them."""
        if not self.supports(shape, dtype):
            raise FrameError(f"jpeg holds one uint8 image of 1 or 3 channels, not a {dtype} tensor {shape}")
        try:
            with Image.open(io.BytesIO(_header(shape) + payload), formats=["JPEG"]) as image:
                return to_tensor(image, shape)
        except (UnidentifiedImageError, OSError, ValueError) as error:
            raise FrameError(f"a payload that is no jpeg scan: {error}") from None
