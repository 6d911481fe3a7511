"""How a tensor is written on the wire: one codec per file, one contract for all.

A codec turns a tensor into payload bytes and back. The frame around it (``edgent.core.wire``) carries the
tensor's shape and element type, so a payload holds values only. ``decode`` is given bytes from a stranger: it
never takes more memory than the shape allows, and answers anything odd with ``FrameError``.
"""

from typing import Protocol

import numpy as np

from edgent.core.codecs.float32 import Float32Codec
from edgent.core.codecs.jpeg import JpegCodec
from edgent.core.codecs.raw import RawCodec
from edgent.core.codecs.uint8 import Uint8Codec
from edgent.core.codecs.webp import WebpCodec


class Codec(Protocol):
    """What every codec offers."""

    @property
    def name(self) -> str:
        """The name in a spec and in a plan."""

    @property
    def number(self) -> int:
        """The byte that names it on the wire; never reused."""

    @property
    def lossless(self) -> bool:
        """Whether ``decode(encode(x))`` is x, bit for bit."""

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Whether a tensor of this shape (with batch) and element type can be written."""

    def encode(self, tensor: np.ndarray) -> bytes:
        """The payload of a supported tensor."""

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor of a payload.

        Raises:
            FrameError: the payload is not one of this codec for this shape and element type.
        """


CODECS: dict[str, Codec] = {
    codec.name: codec for codec in (RawCodec(), Float32Codec(), Uint8Codec(), WebpCodec(), JpegCodec())
}
CODEC_BY_NUMBER: dict[int, Codec] = {codec.number: codec for codec in CODECS.values()}

INPUT_CODECS = ("raw", "webp", "jpeg", "float32")
ACTIVATION_CODECS = ("float32", "uint8")
