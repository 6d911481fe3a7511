"""One uint8 tensor of a batch of one as a Pillow image and back, whether channels come first or last."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgent.errors import FrameError

Size = tuple[int, int]
"""(width, height) in pixels."""
FILTER = Image.Resampling.BICUBIC
"""Makes pictures smaller and larger; Pillow computes it in integers, so alike on every machine."""
_CHANNELS = (1, 3)


def is_one_image(shape: tuple[int, ...], dtype: np.dtype, longest_side: int) -> bool:
    """Whether the tensor is one uint8 image of one or three channels within the format's size limit."""
    return (
        dtype == np.uint8 and _is_image(shape) and all(1 <= side <= longest_side for side in size_of(shape))
    )


def size_of(shape: tuple[int, ...]) -> Size:
    """The size of the image that a tensor of this shape is."""
    return (shape[3], shape[2]) if _is_channels_first(shape) else (shape[2], shape[1])


def channels_of(shape: tuple[int, ...]) -> int:
    """How many channels the image has: 1 or 3."""
    return shape[1 if _is_channels_first(shape) else 3]


def to_image(tensor: np.ndarray) -> Image.Image:
    """A grey or RGB image of a tensor [1, channels, height, width] or [1, height, width, channels]."""
    pixels = tensor[0].transpose(1, 2, 0) if _is_channels_first(tensor.shape) else tensor[0]
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


def read_image(file: bytes, form: str, size: Size, shape: tuple[int, ...]) -> np.ndarray:
    """The pixels of a file as a tensor; nothing is decoded before the size has been compared.

    Args:
        file: a whole image file.
        form: its format, as Pillow names it.
        size: what the file must have.
        shape: of the tensor; the image is made larger where it is smaller than that.

    Raises:
        FrameError: the image has another size, or is broken.
    """
    channels = channels_of(shape)
    try:
        with Image.open(io.BytesIO(file), formats=[form]) as image:
            if image.size != size:
                raise FrameError(
                    f"an image of {image.size[0]}x{image.size[1]} pixels does not fill shape {shape}"
                )
            pixels = image.convert("RGB" if channels == 3 else "L")
    except UnidentifiedImageError:  # its message holds an address in memory, which no stranger needs
        raise FrameError(f"a payload that is no {form.lower()}") from None
    except (OSError, RuntimeError, SyntaxError, ValueError) as error:  # avif fails with a RuntimeError
        raise FrameError(f"a payload that is no {form.lower()}: {error}") from None
    array = np.asarray(pixels if size == size_of(shape) else pixels.resize(size_of(shape), FILTER))
    if channels == 1:
        return array.reshape(shape)
    return (array.transpose(2, 0, 1) if _is_channels_first(shape) else array)[np.newaxis]


def _is_image(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[0] == 1 and (_is_channels_first(shape) or shape[3] in _CHANNELS)


def _is_channels_first(shape: tuple[int, ...]) -> bool:
    return shape[1] in _CHANNELS
