"""How a picture becomes a network's input, as a spec declares it: what both nodes do with a photo's file.

A frame in the codec ``file`` begins with it, so that the edge does exactly what the device would have done,
whichever spec its archive was made with.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgent.errors import FrameError

Resize = Literal["cover", "contain", "stretch", "none"]
Resample = Literal["nearest", "bilinear", "bicubic", "lanczos"]
Layout = Literal["CHW", "HWC"]
CHANNELS = (1, 3, 4)
"""Grey, colours, and colours with transparency."""
DTYPES = ("uint8", "float16", "float32", "float64")
"""Element types that the pixels of a picture can become."""

_RESIZE: tuple[Resize, ...] = ("cover", "contain", "stretch", "none")
_RESAMPLE: tuple[Resample, ...] = ("nearest", "bilinear", "bicubic", "lanczos")
_LAYOUT: tuple[Layout, ...] = ("CHW", "HWC")
_FIXED = struct.Struct("<8BHH")


@dataclass(frozen=True)
class Steps:
    """What is done with a picture; see ``input.preprocessing`` of a spec.

    Attributes:
        resize: how it is resized.
        box: (height, width) that it is resized to.
        crop: whether the network's size is cut out of the middle.
        resample: how pixels are interpolated.
        pad: pixel value beside a picture that ``contain`` leaves too small.
        is_bgr: whether the network's channels are blue, green, red.
        mean, scale: floats become (pixel - mean) / scale; one number for each channel.
    """

    resize: Resize
    box: tuple[int, int]
    crop: bool
    resample: Resample
    pad: int
    is_bgr: bool
    mean: tuple[float, ...]
    scale: tuple[float, ...]


@dataclass(frozen=True)
class Preprocessing:
    """What pictures become, and how.

    Attributes:
        channels, height, width: of the network's pictures.
        dtype: element type of its input.
        layout: order of the input's axes.
        steps: what is done; None: nothing, only pictures of the network's own size are taken.
    """

    channels: int
    height: int
    width: int
    dtype: str
    layout: Layout
    steps: Steps | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch."""
        sides = (self.height, self.width)
        return (self.channels, *sides) if self.layout == "CHW" else (*sides, self.channels)

    def to_bytes(self) -> bytes:
        """All but shape and element type, which a frame's header has."""
        steps = self.steps
        if steps is None:
            return _FIXED.pack(0, _LAYOUT.index(self.layout), *bytes(8))
        fixed = _FIXED.pack(
            1,
            _LAYOUT.index(self.layout),
            _RESIZE.index(steps.resize),
            steps.crop,
            _RESAMPLE.index(steps.resample),
            steps.pad,
            steps.is_bgr,
            0,
            *steps.box,
        )
        if self.dtype == "uint8":
            return fixed
        return fixed + np.array([*steps.mean, *steps.scale], "<f4").tobytes()


def read_preprocessing(
    payload: memoryview, shape: tuple[int, ...], dtype: np.dtype
) -> tuple[Preprocessing, memoryview]:
    """What a payload begins with, and the rest of it.

    Args:
        payload: from a stranger.
        shape: of the tensor, with its batch of one.
        dtype: its element type.

    Raises:
        FrameError: these bytes say no such thing.
    """
    if len(payload) < _FIXED.size:
        raise FrameError(f"a photo's file in {len(payload)} bytes")
    declared, layout, resize, crop, resample, pad, is_bgr, zero, *box = _FIXED.unpack_from(payload)
    places = (
        (declared, 2),
        (layout, len(_LAYOUT)),
        (resize, len(_RESIZE)),
        (crop, 2),
        (resample, len(_RESAMPLE)),
        (is_bgr, 2),
        (zero, 1),
    )
    if any(value >= count for value, count in places):
        raise FrameError("a photo's file behind a preprocessing that this side does not know")
    channels, height, width = shape[1:] if layout == 0 else (shape[3], shape[1], shape[2])
    if channels not in CHANNELS:
        raise FrameError(f"pictures of {channels} channels; there are {', '.join(map(str, CHANNELS))}")
    rest, mean, scale = payload[_FIXED.size :], (0.0,), (1.0,)
    if declared and dtype != np.uint8:
        floats = np.frombuffer(rest[: 8 * channels], "<f4") if len(rest) >= 8 * channels else np.zeros(0)
        mean, scale = tuple(floats[:channels].tolist()), tuple(floats[channels:].tolist())
        if not scale or not all(math.isfinite(value) for value in floats) or min(scale) < 1:
            raise FrameError("a photo's file behind means and scales that are none")
        rest = rest[8 * channels :]
    if declared and (box[0] < height or box[1] < width or (is_bgr and channels != 3)):
        raise FrameError(f"a photo resized to {box[0]}x{box[1]} for {height}x{width}, {channels} channels")
    steps = Steps(
        _RESIZE[resize], (box[0], box[1]), bool(crop), _RESAMPLE[resample], pad, bool(is_bgr), mean, scale
    )
    kept = steps if declared else None
    return Preprocessing(channels, height, width, dtype.name, _LAYOUT[layout], kept), rest
