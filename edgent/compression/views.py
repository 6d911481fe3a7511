"""Views of a picture: as it is, mirrored, and cut closer; a training sees another one every epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from edgent.spec.input_section import InputSection

VIEWS, VIEWS_ON_GPU = 8, 16
"""Of every picture: a GPU comes round so often that it would learn eight by heart. Other inputs have one."""
_LEAST_SHARE = 0.7  # of a picture's sides that a closer view shows


def number_of_views(section: InputSection, *, on_gpu: bool = False) -> int:
    """Views that inputs of a network have: all for pictures of bytes, two for other pictures, else one.

    Args:
        section: says what inputs are.
        on_gpu: whether a GPU learns from them.
    """
    if section.picture_shape is None:
        return 1
    if section.dtype != "uint8":
        return 2
    return VIEWS_ON_GPU if on_gpu else VIEWS


def view_of(picture: np.ndarray, number: int, index: int, section: InputSection) -> np.ndarray:
    """One view: the same for the same numbers, whoever asks.

    Args:
        picture: an input, shape (*input shape).
        number: 0 is the picture itself, odd ones are mirrored, those from 2 on are cut closer.
        index: the picture's number.
        section: says which axis is which.
    """
    if number == 0:
        return picture
    channels_first = section.layout == "CHW"
    view = picture.transpose(1, 2, 0) if channels_first else picture
    if number >= 2:
        view = _closer(view, np.random.default_rng([number, index]))
    if number % 2:
        view = view[:, ::-1]
    return np.ascontiguousarray(view.transpose(2, 0, 1) if channels_first else view)


def _closer(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A random part of a picture, as large as the whole; uint8, shape (height, width, channels)."""
    height, width, channels = picture.shape
    share = random.uniform(_LEAST_SHARE, 1.0)
    top, left = random.uniform(0, (1 - share) * height), random.uniform(0, (1 - share) * width)
    box = (left, top, left + share * width, top + share * height)
    whole = np.ascontiguousarray(picture[:, :, 0] if channels == 1 else picture)
    part = Image.fromarray(whole).resize((width, height), Image.Resampling.BILINEAR, box)
    return np.asarray(part).reshape(height, width, channels)
