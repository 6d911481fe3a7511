"""Photos as files, of every kind that people have."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from edgent.core.photo import Photo
from edgent.core.preprocessing import Preprocessing, Steps

ORIENTATION = 0x0112
"""Number of the EXIF tag that says which side is up."""


def steps(box: tuple[int, int] = (8, 8), channels: int = 3, **said: Any) -> Steps:
    """Preprocessing as a spec's defaults have it, but for what is said."""
    usual: dict[str, Any] = {
        "resize": "cover",
        "box": box,
        "crop": True,
        "resample": "bilinear",
        "pad": 0,
        "is_bgr": False,
        "mean": (0.0,) * channels,
        "scale": (1.0,) * channels,
    }
    return Steps(**(usual | said))


def photo_bytes(image: Image.Image, kind: str = "JPEG", orientation: int = 1, **options: Any) -> bytes:
    """The file of a picture."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = io.BytesIO()
    image.save(content, kind, **options, **({} if orientation == 1 else {"exif": exif.tobytes()}))
    return content.getvalue()


def photo_of(tensor: np.ndarray) -> Photo:
    """A photo that becomes an input of a tensor's shape and type; its pixels follow from the tensor."""
    shape = tensor.shape[1:]
    layout = "CHW" if shape[0] in (1, 3, 4) else "HWC"
    channels, height, width = shape if layout == "CHW" else (shape[2], shape[0], shape[1])
    seed = int(np.frombuffer(tensor.tobytes(), np.uint8).sum())
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    floats = {} if tensor.dtype == np.uint8 else {"mean": (9.5,) * channels, "scale": (58.4,) * channels}
    taken = Preprocessing(
        channels,
        height,
        width,
        tensor.dtype.name,
        "CHW" if layout == "CHW" else "HWC",
        steps((height, width), channels, **floats),
    )
    return Photo(photo_bytes(image, "PNG"), taken)
