"""Frames from a pipe, however its bytes fall into pieces."""

from __future__ import annotations

import errno
import io

import numpy as np
import pytest
from PIL.Image import Image

from device_runtime.streams.pipe import FrameFormat, jpeg_frames, raw_frames
from edgent.errors import InputError
from tests.device_runtime.streams.test_jpeg_end import jpeg


class Pieces:
    """A pipe that gives so many bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = io.BytesIO(content), size

    def read(self, size: int, /) -> bytes:
        """Some of what is left."""
        return self._content.read(min(size, self._size))


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_jpeg_files_come_apart(size: int) -> None:
    """Each byte for byte."""
    files = [jpeg(seed) for seed in range(3)]
    pictures = list(jpeg_frames(Pieces(b"".join(files), size)))
    assert [picture.content for picture in pictures] == files
    assert [picture.name for picture in pictures] == ["frame 0", "frame 1", "frame 2"]


def test_a_jpeg_file_that_breaks_off_is_broken() -> None:
    """It is told, and ends the stream as the pipe does."""
    whole, part = list(jpeg_frames(Pieces(jpeg() + jpeg()[:300], 64)))
    assert whole.error is None
    assert part.error == "it breaks off after 300 bytes"


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_a_jpeg_file_that_breaks_off_takes_no_other_along(size: int) -> None:
    """As where a camera starts again: the next file begins where the broken one stops."""
    half, files = jpeg()[:-100], [jpeg(1), jpeg(2)]
    part, *whole = jpeg_frames(Pieces(half + b"".join(files), size))
    assert (part.name, part.error) == ("frame 0", f"it breaks off after {len(half):,} bytes")
    assert [(picture.name, picture.content) for picture in whole] == [
        ("frame 1", files[0]),
        ("frame 2", files[1]),
    ]


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_what_stands_between_jpeg_files_is_left_out(size: int) -> None:
    """Padding, or the headers of a server's parts; also before the first file and behind the last one."""
    files, junk = [jpeg(seed) for seed in range(3)], b"--part\r\nContent-Type: image/jpeg\r\n\r\n"
    content = junk + junk.join(files) + bytes(5)
    assert [picture.content for picture in jpeg_frames(Pieces(content, size))] == files


class Broken:
    """A pipe that cannot be read, such as one that is open for writing alone."""

    def read(self, size: int, /) -> bytes:
        """Nothing."""
        raise OSError(errno.EBADF, "Bad file descriptor")


def test_a_pipe_that_cannot_be_read_is_told() -> None:
    """In a sentence."""
    for frames in (jpeg_frames(Broken()), raw_frames(Broken(), FrameFormat.parse("gray:2x2"))):
        with pytest.raises(InputError, match="standard input cannot be read: Bad file descriptor; pipe"):
            next(frames)


def test_a_jpeg_file_without_an_end_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused."""
    monkeypatch.setattr("device_runtime.streams.pipe._LARGEST_JPEG_BYTES", 1000)
    with pytest.raises(InputError, match="frame 0 has no end within 1,000 bytes"):
        list(jpeg_frames(Pieces(jpeg(size=64)[:-2], 1 << 16)))


@pytest.mark.parametrize(("text", "shape"), [("rgb24:5x3", (3, 5, 3)), ("gray:4x2", (2, 4))])
def test_raw_frames_are_pictures(text: str, shape: tuple[int, ...]) -> None:
    """Of the size that was said."""
    frames = np.random.default_rng(0).integers(0, 256, (3, *shape), np.uint8)
    pictures = list(raw_frames(Pieces(frames.tobytes() + b"12", 7), FrameFormat.parse(text)))
    *whole, rest = pictures
    for picture, frame in zip(whole, frames, strict=True):
        assert isinstance(picture.content, Image)
        assert np.array_equal(np.asarray(picture.content), frame)
    assert rest.error is not None
    assert rest.error.startswith("it breaks off after 2 of ")


@pytest.mark.parametrize(
    "text", ["640x480", "rgb24", "yuv420p:640x480", "rgb24:640", "rgb24:-1x4", "rgb24:axb"]
)
def test_another_format_is_refused(text: str) -> None:
    """With the words that are known."""
    with pytest.raises(InputError, match="write PIXELS:WIDTHxHEIGHT with PIXELS one of rgb24, gray"):
        FrameFormat.parse(text)


@pytest.mark.parametrize("size", ["0x480", "100000x100000"])
def test_a_size_that_no_frame_has_is_refused(size: str) -> None:
    """Before any memory is taken."""
    with pytest.raises(InputError, match="a frame has 1 to 16,777,216 pixels"):
        FrameFormat.parse(f"rgb24:{size}")
