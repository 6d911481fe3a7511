"""A lossy picture codec at a quality and a scale: what it is called, and what all of them share.

``jpeg30`` is JPEG of quality 30, ``avif20@0.7`` AVIF of quality 20 of a picture with sides of 0.7. The reader
makes a smaller picture as large as the tensor again.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from edgent.core.codecs.codec import INPUT
from edgent.core.codecs.pixels import FILTER, Size, is_one_image, size_of, to_image
from edgent.errors import FrameError

RUNG_PATTERN = r"^(jpeg|webp|avif)([1-9][0-9]?|100)(@0\.([0-9]?[1-9]))?$"
"""What the names of rungs look like; a JSON Schema has it, too."""
_NAME = re.compile(RUNG_PATTERN)


@dataclass(frozen=True)
class Rung(ABC):
    """One rung of the ladder of picture codecs; a family fills in how its format is written and read.

    Attributes:
        quality: 1 to 100, as the format's encoder counts.
        percent: what is left of each side, 1 to 100.
    """

    family: ClassVar[str]
    number: ClassVar[int]
    longest_side: ClassVar[int]
    carries: ClassVar[tuple[str, ...]] = (INPUT,)
    lossless: ClassVar[bool] = False
    quality: int = 75
    percent: int = 100

    @property
    def name(self) -> str:
        """The name in a spec and in a plan."""
        scale = "" if self.percent == 100 else f"@{self.percent / 100:g}"
        return f"{self.family}{self.quality}{scale}"

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """One uint8 image [1, 1 or 3, height, width], within the format's limit."""
        return is_one_image(shape, dtype, self.longest_side)

    def encode(self, tensor: np.ndarray) -> bytes:
        """The picture, made smaller and compressed."""
        image = to_image(tensor)
        size = scaled(image.size, self.percent)
        return self.write(image if size == image.size else image.resize(size, FILTER))

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The pixels, as near as the codec keeps them, at the tensor's size."""
        if not self.supports(shape, dtype):
            raise FrameError(
                f"{self.family} holds one uint8 image of 1 or 3 channels, not a {dtype} tensor {shape}"
            )
        return self.read(payload, shape)

    @abstractmethod
    def write(self, image: Image.Image) -> bytes:
        """The payload of an RGB or grey image."""

    @abstractmethod
    def read(self, payload: memoryview, shape: tuple[int, ...]) -> np.ndarray:
        """The tensor of a payload, whatever its quality and scale.

        Raises:
            FrameError: no such picture, or one with more pixels than the tensor.
        """


def scaled(size: Size, percent: int) -> Size:
    """The size with sides of so many percent, rounded to whole pixels."""
    width, height = (max(1, (side * percent + 50) // 100) for side in size)
    return width, height


def check_fits(family: str, size: Size, shape: tuple[int, ...]) -> None:
    """Refuse a picture that says that it is larger than the tensor, before memory is taken for it.

    Raises:
        FrameError: it is.
    """
    if not all(1 <= side <= most for side, most in zip(size, size_of(shape), strict=True)):
        raise FrameError(f"a {family} of {size[0]}x{size[1]} pixels for a tensor of shape {shape}")


def parsed_name(name: str) -> tuple[str, int, int] | None:
    """Family, quality and percent of a rung's name; None where it is not written as one.

    >>> parsed_name("avif20@0.7"), parsed_name("jpeg")
    (('avif', 20, 70), None)
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    family, quality, _, scale = match.groups()
    return family, int(quality), int(scale.ljust(2, "0")) if scale else 100
