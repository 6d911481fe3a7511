"""One uint8 tensor [1, channels, height, width] as a Pillow image and back."""

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgent.errors import FrameError


def is_one_image(shape: tuple[int, ...], dtype: np.dtype, longest_side: int) -> bool:
    """Whether the tensor is one uint8 image of one or three channels within the format's size limit."""
    return (
        dtype == np.uint8
        and len(shape) == 4
        and shape[0] == 1
        and shape[1] in (1, 3)
        and all(1 <= side <= longest_side for side in shape[2:])
    )


def to_image(tensor: np.ndarray) -> Image.Image:
    """A grey or RGB image of a tensor [1, channels, height, width]."""
    if tensor.shape[1] == 1:
        return Image.fromarray(tensor[0, 0])
    return Image.fromarray(np.ascontiguousarray(tensor[0].transpose(1, 2, 0)))


def to_tensor(image: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """The pixels as a tensor of the given shape; nothing is decoded before the size has been compared.

    Raises:
        FrameError: the image has another size, or is broken.
    """
    if len(shape) != 4 or shape[0] != 1 or shape[1] not in (1, 3) or image.size != (shape[3], shape[2]):
        raise FrameError(f"an image of {image.size[0]}x{image.size[1]} pixels does not fill shape {shape}")
    try:
        pixels = np.asarray(image.convert("RGB" if shape[1] == 3 else "L"))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise FrameError(f"a broken image: {error}") from None
    return pixels.reshape(1, 1, *pixels.shape) if shape[1] == 1 else pixels.transpose(2, 0, 1)[np.newaxis]
