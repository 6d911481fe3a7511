"""One image as JPEG, without the header that both sides know.

Everything before the scan data (tables, size) depends on size, channels and quality alone: 623 bytes of a
922-byte CIFAR image. Both sides make it by encoding a black image once; only the scan travels.
"""

import functools
import io

import numpy as np
from PIL import Image

from edgent.core.codecs.codec import INPUT
from edgent.core.codecs.pixels import Size, channels_of, is_one_image, read_image, size_of, to_image
from edgent.errors import FrameError

LONGEST_SIDE = 65535
"""JPEG's own limit."""
_QUALITY = 75
_START_OF_SCAN = b"\xff\xda"


def write_scan(image: Image.Image, quality: int) -> bytes:
    """The scan data of an RGB or grey image."""
    return _file(image, quality)[len(_header(image.size, len(image.getbands()), quality)) :]


def read_scan(scan: memoryview, quality: int, size: Size, shape: tuple[int, ...]) -> np.ndarray:
    """The tensor of the scan data of an image of this size.

    Raises:
        FrameError: it is no scan of such an image.
    """
    return read_image(_header(size, channels_of(shape), quality) + scan, "JPEG", size, shape)


def _file(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    # Standard Huffman tables (optimize=False): a table of its own per image would have to travel.
    image.save(buffer, "JPEG", quality=quality, subsampling="4:2:0", optimize=False)
    return buffer.getvalue()


@functools.lru_cache(maxsize=64)
def _header(size: Size, channels: int, quality: int) -> bytes:
    """All bytes of the file up to and with the start-of-scan segment."""
    file = _file(Image.new("RGB" if channels == 3 else "L", size), quality)
    scan = file.rindex(_START_OF_SCAN)
    return file[: scan + 2 + int.from_bytes(file[scan + 2 : scan + 4], "big")]


class JpegCodec:
    """A single uint8 image of one or three channels, at quality 75 with colour at half resolution."""

    name = "jpeg"
    number = 5
    carries = (INPUT,)
    lossless = False

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """One uint8 image [1, 1 or 3, height, width], at most 65535 pixels a side."""
        return is_one_image(shape, dtype, LONGEST_SIDE)

    def encode(self, tensor: np.ndarray) -> bytes:
        """The scan data."""
        return write_scan(to_image(tensor), _QUALITY)

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The pixels, as near as JPEG keeps them."""
        if not self.supports(shape, dtype):
            raise FrameError(f"jpeg holds one uint8 image of 1 or 3 channels, not a {dtype} tensor {shape}")
        return read_scan(payload, _QUALITY, size_of(shape), shape)
