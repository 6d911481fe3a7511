"""AVIF at a quality and a scale: the two units of AV1 that hold the picture, without the file around them.

The file around them is 275 bytes, of which a picture changes its size and some lengths: both sides make it
by encoding a small image once. Sections 5.3 to 5.5 of https://aomediacodec.github.io/av1-spec/ have the units
(OBUs).
"""

import functools
import io

import numpy as np
from PIL import Image, features

from edgent.core.codecs.pixels import Size, read_image
from edgent.core.codecs.rung import Rung, check_fits
from edgent.errors import FrameError

# 224x224 photos at quality 20: 1734 bytes in 103 ms with speed 4, 1750 in 21 with 6, 1940 in 6.7 with 8,
# 1908 in 1.9 with 9; 10 is the same as 9.
_SPEED = 9
_DELIMITER = b"\x12\x00"  # a unit with which the file's data begins, and which says nothing
_SEQUENCE_HEADER, _FRAME = 0x0A, 0x32  # the first byte of a unit: its type, and that a length follows
_SHORT = 0x80  # a length below takes one byte
_SMALL = (16, 16)


class AvifRung(Rung):
    """The sequence header says the size, from which the scale follows."""

    family = "avif"
    number = 8
    longest_side = 65535

    def write(self, image: Image.Image) -> bytes:
        """Sequence header and frame."""
        header, payload = _file(image, self.quality)
        if len(header) != len(_small()[0]) or not payload.startswith(bytes((_SEQUENCE_HEADER,))):
            raise FrameError("this Pillow writes AVIF in a way that edgent does not know; use jpeg or webp")
        return payload

    def read(self, payload: memoryview, shape: tuple[int, ...]) -> np.ndarray:
        """The tensor; the units are checked first, since AV1 may say another size than the file."""
        if not is_there():
            raise FrameError("this side cannot read avif: its Pillow was built without; install pillow>=11.3")
        size = _checked_size(payload)
        check_fits(self.family, size, shape)
        return read_image(_around(size, len(payload)) + _DELIMITER + payload, "AVIF", size, shape)


def is_there() -> bool:
    """Whether this Pillow was built with AVIF."""
    return bool(features.check("avif"))


def _file(image: Image.Image, quality: int) -> tuple[bytes, bytes]:
    """A file's header, and its two units."""
    buffer = io.BytesIO()
    image.save(buffer, "AVIF", quality=quality, speed=_SPEED, max_threads=1, subsampling="4:2:0")
    header, mark, data = buffer.getvalue().partition(b"mdat" + _DELIMITER)
    return header + mark[:4], data


@functools.cache
def _small() -> tuple[bytes, bytes]:
    """The file of a small picture: what all files share but sizes and lengths."""
    return _file(Image.new("RGB", _SMALL), 50)


def _around(size: Size, payload_bytes: int) -> bytes:
    """The file's bytes before the delimiter, for a picture of this size and so many bytes."""
    header, data = _small()
    for before, after in (
        (_sides(_SMALL), _sides(size)),
        (_extent(len(header), len(data)), _extent(len(header), payload_bytes)),
        (_box(len(data)), _box(payload_bytes)),
    ):
        header = header.replace(before, after)
    return header


def _sides(size: Size) -> bytes:
    return b"ispe" + bytes(4) + b"".join(side.to_bytes(4, "big") for side in size)


def _extent(start: int, data_bytes: int) -> bytes:
    """Where the box ``iloc`` says that the picture lies."""
    return start.to_bytes(4, "big") + (data_bytes + len(_DELIMITER)).to_bytes(4, "big")


def _box(data_bytes: int) -> bytes:
    return (data_bytes + len(_DELIMITER) + 8).to_bytes(4, "big") + b"mdat"


def _checked_size(payload: memoryview) -> Size:
    """The size that the sequence header of a still picture says, which nothing behind it can change.

    Raises:
        FrameError: these are not one such header and one frame.
    """
    header_bytes = payload[1] if len(payload) > 1 else 0
    frame = payload[2 + header_bytes :]
    if (
        payload[:1] != bytes((_SEQUENCE_HEADER,))
        or not 5 <= header_bytes < _SHORT
        or frame[:1] != bytes((_FRAME,))
        or _length(frame[1:]) != len(frame)
    ):
        raise FrameError("a payload that is no header and frame of AV1")
    bits = format(int.from_bytes(payload[2 : 2 + header_bytes], "big"), f"0{8 * header_bytes}b")
    if not bits.startswith("00011"):  # profile 0, a still picture, with the short header that has one size
        raise FrameError("an avif that is no still picture of 8 bits a channel in 4:2:0")
    width_bits, height_bits = 1 + int(bits[10:14], 2), 1 + int(bits[14:18], 2)
    width, height = bits[18 : 18 + width_bits], bits[18 + width_bits : 18 + width_bits + height_bits]
    if len(height) < height_bits:
        raise FrameError("an avif whose header is cut short")
    return 1 + int(width, 2), 1 + int(height, 2)


def _length(frame: memoryview) -> int:
    """How long a frame is in all, by its LEB128 length behind the first byte; 0 where that has no end."""
    value = 0
    for place, byte in enumerate(frame[:4]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < _SHORT:
            return value + place + 2
    return 0
