"""JPEG at a quality and a scale: two bytes that say which, then the scan without its header."""

import numpy as np
from PIL import Image

from edgent.core.codecs.jpeg import LONGEST_SIDE, read_scan, write_scan
from edgent.core.codecs.pixels import size_of
from edgent.core.codecs.rung import Rung, scaled
from edgent.errors import FrameError


class JpegRung(Rung):
    """The header depends on quality and size, so the reader has to know both."""

    family = "jpeg"
    number = 6
    longest_side = LONGEST_SIDE

    def write(self, image: Image.Image) -> bytes:
        """Quality, percent and scan data."""
        return bytes((self.quality, self.percent)) + write_scan(image, self.quality)

    def read(self, payload: memoryview, shape: tuple[int, ...]) -> np.ndarray:
        """The tensor; its header is made here, so no stranger chooses the size."""
        if len(payload) < 2 or not all(1 <= number <= 100 for number in payload[:2]):
            raise FrameError(f"a jpeg that begins with {bytes(payload[:2])!r}: no quality and percent")
        quality, percent = payload[:2]
        return read_scan(payload[2:], quality, scaled(size_of(shape), percent), shape)
