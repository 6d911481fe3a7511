"""Frames from a pipe: JPEG files one after the other, or raw pixels of a known size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PIL import Image

from device_runtime.streams.jpeg_begin import BEGIN, JpegBegin
from device_runtime.streams.jpeg_end import JpegEnd
from device_runtime.streams.picture import Picture, broken
from edgent.core.photo import LARGEST_PIXELS
from edgent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Readable(Protocol):
        """An unbuffered pipe."""

        def read(self, size: int, /) -> bytes | None:
            """At most so many bytes, as soon as there are any; none at the end."""


_READ_BYTES = 1 << 16
_LARGEST_JPEG_BYTES = 16 * 1024 * 1024
_MODES = {"rgb24": "RGB", "gray": "L"}


@dataclass(frozen=True)
class FrameFormat:
    """How raw frames are written.

    Attributes:
        mode: Pillow's name of the pixels.
        width, height: in pixels.
    """

    mode: str
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> FrameFormat:
        """Read what people write, such as ``rgb24:640x480``.

        Raises:
            InputError: it is something else.
        """
        pixels, _, size = text.partition(":")
        width, _, height = size.partition("x")
        if pixels not in _MODES or not (width.isdecimal() and height.isdecimal()):
            raise InputError(
                f"--frame-format {text}: write PIXELS:WIDTHxHEIGHT with PIXELS one of {', '.join(_MODES)}, "
                "such as rgb24:640x480"
            )
        if not 0 < int(width) * int(height) <= LARGEST_PIXELS:
            raise InputError(f"--frame-format {text}: a frame has 1 to {LARGEST_PIXELS:,} pixels")
        return cls(_MODES[pixels], int(width), int(height))

    @property
    def size_bytes(self) -> int:
        """Of one frame."""
        return self.width * self.height * len(self.mode)


def jpeg_frames(pipe: Readable) -> Iterator[Picture]:
    """JPEG files that follow each other, such as ``ffmpeg -f image2pipe -c:v mjpeg -`` writes.

    What stands between them is left out, see `JpegBegin`.

    Raises:
        InputError: what comes are no JPEG files, or a file without an end, or the pipe cannot be read.
    """
    number, content, begin, end = 0, bytearray(), JpegBegin(), JpegEnd()
    while read := _read(pipe, _READ_BYTES):
        content += read
        while begin.is_reached(content, number) and (size_bytes := end.find(content)) is not None:
            name = f"frame {number}"
            if end.breaks_off:
                yield broken(name, f"it breaks off after {size_bytes:,} bytes")
            else:
                yield Picture(name, partial(bytes, content[:size_bytes]))
            del content[:size_bytes]
            number, end = number + 1, JpegEnd()
        if len(content) > _LARGEST_JPEG_BYTES:
            raise InputError(f"frame {number} has no end within {_LARGEST_JPEG_BYTES:,} bytes")
    if content.startswith(BEGIN):
        yield broken(f"frame {number}", f"it breaks off after {len(content):,} bytes")
    else:
        begin.ended(content, number)


def raw_frames(pipe: Readable, written: FrameFormat) -> Iterator[Picture]:
    """Frames of raw pixels that follow each other.

    Raises:
        InputError: the pipe cannot be read.
    """
    number, content = 0, bytearray()
    while read := _read(pipe, min(written.size_bytes - len(content), _READ_BYTES)):
        content += read
        if len(content) < written.size_bytes:
            continue
        size = (written.width, written.height)
        yield Picture(f"frame {number}", partial(Image.frombytes, written.mode, size, bytes(content)))
        number, content = number + 1, bytearray()
    if content:
        yield broken(
            f"frame {number}", f"it breaks off after {len(content):,} of {written.size_bytes:,} bytes"
        )


def _read(pipe: Readable, size: int) -> bytes:
    """At most so many bytes; none at the end.

    Raises:
        InputError: the pipe cannot be read.
    """
    try:
        return pipe.read(size) or b""
    except OSError as error:
        raise InputError(
            f"standard input cannot be read: {error.strerror}; pipe frames into the command"
        ) from None
