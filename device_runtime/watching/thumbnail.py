"""A small picture of an input, for those who look on."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from edgent.inputs import GivenInput

_SIDE_PIXELS = 96
_LARGEST_BYTES = 8 * 1024
_MOST_PIXELS = 64 * 1024 * 1024
_QUALITIES = (80, 50, 20)
_CHANNELS = (1, 3)


def thumbnail(item: GivenInput) -> str | None:
    """A JPEG of at most 96 pixels a side and 8 KiB, in base64; None where the input is no picture.

    An array is one where it holds bytes, and one or three channels.
    """
    try:
        image = _image(item.content)
        if image is None:
            return None
        image.thumbnail((_SIDE_PIXELS, _SIDE_PIXELS))
        return _small_jpeg(image.convert("RGB"))
    except Exception:  # noqa: BLE001  Pillow's readers fail in too many ways to list; an answer came all the same
        return None


def _image(content: np.ndarray | bytes | Image.Image | None) -> Image.Image | None:
    if isinstance(content, Image.Image):
        return content.copy()  # it is made smaller in place
    if isinstance(content, bytes):
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", (_SIDE_PIXELS, _SIDE_PIXELS))  # a JPEG is decoded no larger than is needed
        return image if image.width * image.height <= _MOST_PIXELS else None
    if content is None or content.dtype != np.uint8:
        return None
    pixels = content[0] if content.ndim == 4 else content
    if pixels.ndim != 3 or pixels.shape[0] not in _CHANNELS:
        return None
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0).squeeze()))


def _small_jpeg(image: Image.Image) -> str | None:
    for quality in _QUALITIES:
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality)
        if target.tell() <= _LARGEST_BYTES:
            return base64.b64encode(target.getvalue()).decode()
    return None
