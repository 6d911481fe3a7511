"""One image as lossless WebP: half the bytes of the raw pixels, exactly the same pixels."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgent.core.codecs.codec import INPUT
from edgent.core.codecs.pixels import is_one_image, to_image, to_tensor
from edgent.errors import FrameError

# On small images more effort costs time and bytes: CIFAR's take 1543 bytes and 0.2 ms here, 1558 and 0.7 ms
# with the library's defaults (docs/codecs.md).
_METHOD = 1
_EFFORT = 0


class WebpCodec:
    """A single uint8 image of one or three channels."""

    name = "webp"
    number = 4
    carries = (INPUT,)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """One uint8 image [1, 1 or 3, height, width], at most 16383 pixels a side (WebP's own limit)."""
        return is_one_image(shape, dtype, longest_side=16383)

    def encode(self, tensor: np.ndarray) -> bytes:
        """The image file's bytes."""
        buffer = io.BytesIO()
        to_image(tensor).convert("RGB").save(buffer, "WEBP", lossless=True, quality=_EFFORT, method=_METHOD)
        return buffer.getvalue()

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The pixels, exactly."""
        if not self.supports(shape, dtype):
            raise FrameError(f"webp holds one uint8 image of 1 or 3 channels, not a {dtype} tensor {shape}")
        try:
            with Image.open(io.BytesIO(payload), formats=["WEBP"]) as image:
                if getattr(image, "n_frames", 1) != 1:
                    raise FrameError("an animated webp")
                return to_tensor(image, shape)  # a grey image has three equal channels: nothing rounds
        except UnidentifiedImageError:  # its message holds an address in memory, which no stranger needs
            raise FrameError("a payload that is no webp") from None
        except (OSError, ValueError) as error:
            raise FrameError(f"a payload that is no webp: {error}") from None
