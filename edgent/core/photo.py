"""A photo with its own file's bytes: decoded when somebody wants its pixels, which may be the edge alone."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from edgent.core.picture import most_pixels, picture_from_bytes
from edgent.errors import InputError

if TYPE_CHECKING:
    from edgent.core.preprocessing import Preprocessing

FORMATS = ("JPEG", "PNG", "GIF", "BMP")
"""Formats of which files go up, as Pillow names them: their readers know a size before they take memory,
as those of WebP and AVIF do not."""
LARGEST_FILE_BYTES = 6 * 1024 * 1024
"""A frame with such a file is within what TorchServe lets through unless it is told otherwise."""
LARGEST_PIXELS = 16 * 1024 * 1024
"""Of the picture, and of whatever it is on its way to an input: 64 MiB in Pillow, as a tensor in a frame."""
_PIXELS_OF_A_BYTE = 1.5
_PIXELS_OF_A_CALL = 100_000


@dataclass(frozen=True, eq=False)
class Photo:
    """An input that comes as the file of a picture.

    Attributes:
        content: the file's bytes.
        preprocessing: how its picture becomes an input.
        network: whose input, for messages.
        file: where the bytes are from, for messages; None where they came without a name.
    """

    content: bytes
    preprocessing: Preprocessing
    network: str = "the network"
    file: str | None = None

    @cached_property
    def tensor(self) -> np.ndarray:
        """The input, shape (1, *input shape), made when it is first asked for.

        Raises:
            InputError: the file holds no picture, or none that the network takes.
        """
        try:
            picture = picture_from_bytes(self.content, self.preprocessing, self.network)
        except InputError as error:
            raise InputError(f"{self.file}: {error}" if self.file else str(error)) from None
        return np.ascontiguousarray(picture[np.newaxis])

    @property
    def is_decoded(self) -> bool:
        """Whether its pixels are at hand."""
        return "tensor" in vars(self)

    @cached_property
    def _header(self) -> tuple[str, int]:
        """The file's format and its picture's pixels; empty and 0 where it holds no picture."""
        try:
            with Image.open(io.BytesIO(self.content)) as image:
                return image.format or "", math.prod(image.size)
        except Exception:  # noqa: BLE001  as below; whoever decodes it says why
            return "", 0

    @property
    def format(self) -> str:
        """Of its file, as Pillow names it; empty where it holds no picture."""
        return self._header[0]

    @property
    def pixels(self) -> int:
        """Of its picture; 0 where the file holds none."""
        return self._header[1]

    @property
    def work(self) -> float:
        """How much work it is to make an input of it; see `decoding_work`."""
        return decoding_work(self.pixels, len(self.content))

    @property
    def outline(self) -> np.ndarray:
        """A tensor of the input's shape and element type that takes no memory; its values say nothing."""
        return np.broadcast_to(np.zeros((), self.preprocessing.dtype), (1, *self.preprocessing.shape))

    @property
    def payload_bytes(self) -> int:
        """How long its payload in the codec ``file`` is."""
        return len(self.preprocessing.to_bytes()) + len(self.content)

    @cached_property
    def kept_here(self) -> str | None:
        """Why its file may not go up, in a clause; None where it may."""
        if len(self.content) > LARGEST_FILE_BYTES:
            return f"the file has {len(self.content):,} bytes, and at most {LARGEST_FILE_BYTES:,} go up"
        return why_not_read(self.content, self.preprocessing)


def decoding_work(pixels: float, file_bytes: float) -> float:
    """How much work it is to make an input of a photo, in pixels: its own, and more for its bytes.

    Of one format it is about in proportion to the seconds, from 0.1 to 12 megapixels
    (docs/laboratory/codecs.md).
    """
    return _PIXELS_OF_A_CALL + pixels + _PIXELS_OF_A_BYTE * file_bytes


def why_not_read(content: bytes, preprocessing: Preprocessing) -> str | None:
    """Why the edge does not read a picture's file, in a clause; None where it does. It is not decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            pixels = most_pixels(image.size, preprocessing)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return f"its picture has far more than the {LARGEST_PIXELS:,} pixels that the edge makes"
    except Exception:  # noqa: BLE001  Pillow's readers fail in too many ways to list
        return f"the file is no picture that the edge reads: {', '.join(FORMATS)}"
    if pixels > LARGEST_PIXELS:
        return (
            f"the picture takes {pixels:,} pixels on its way, at most {LARGEST_PIXELS:,} are made elsewhere"
        )
    return None
