"""Where the frames of the study come from: a video made of photos, and the photos themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageOps

RATE = 30
"""Frames of the video in a second."""
FRAMES = 300
SIZE = (640, 480)
_FRAMES_A_PHOTO = 10


def write_video(file: Path, photos: Sequence[Path], frames: int = FRAMES) -> Path:
    """A video that goes slowly over one photo after the other."""
    with av.open(str(file), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *SIZE, "yuv420p", 4_000_000
        for number in range(frames):
            photo = photos[number // _FRAMES_A_PHOTO % len(photos)]
            pixels = np.asarray(_view(photo, number % _FRAMES_A_PHOTO))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return file


def _view(photo: Path, step: int) -> Image.Image:
    """A photo, seen a little further to the right with every step."""
    with Image.open(photo) as opened:
        wide = ImageOps.fit(opened.convert("RGB"), (SIZE[0] + _FRAMES_A_PHOTO, SIZE[1]))
    return wide.crop((step, 0, step + SIZE[0], SIZE[1]))
