"""One uint8 tensor of a batch of one as a Pillow image and back, whether channels come first or last."""

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgent.errors import FrameError

_CHANNELS = (1, 3)


def is_one_image(shape: tuple[int, ...], dtype: np.dtype, longest_side: int) -> bool:
    """Whether the tensor is one uint8 image of one or three channels within the format's size limit."""
    size = _size(shape)
    return dtype == np.uint8 and size is not None and all(1 <= side <= longest_side for side in size)


def to_image(tensor: np.ndarray) -> Image.Image:
    """A grey or RGB image of a tensor [1, channels, height, width] or [1, height, width, channels]."""
    pixels = tensor[0].transpose(1, 2, 0) if _is_channels_first(tensor.shape) else tensor[0]
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


def to_tensor(image: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """The pixels as a tensor of the given shape; nothing is decoded before the size has been compared.

    Raises:
        FrameError: the image has another size, or is broken.
    """
    size = _size(shape)
    if image.size != size:
        raise FrameError(f"an image of {image.size[0]}x{image.size[1]} pixels does not fill shape {shape}")
    is_first = _is_channels_first(shape)
    channels = shape[1 if is_first else 3]
    try:
        pixels = np.asarray(image.convert("RGB" if channels == 3 else "L"))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise FrameError(f"a broken image: {error}") from None
    if channels == 1:
        return pixels.reshape(shape)
    return (pixels.transpose(2, 0, 1) if is_first else pixels)[np.newaxis]


def _is_channels_first(shape: tuple[int, ...]) -> bool:
    return shape[1] in _CHANNELS


def _size(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """(width, height) of the image that a tensor of this shape is; None where it is none."""
    if len(shape) != 4 or shape[0] != 1:
        return None
    if _is_channels_first(shape):
        return shape[3], shape[2]
    return (shape[2], shape[1]) if shape[3] in _CHANNELS else None
