"""Where JPEG files end that follow each other, and what it takes to find that."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from device_runtime.streams import jpeg_end
from device_runtime.streams.jpeg_end import JpegEnd

if TYPE_CHECKING:
    import re


def jpeg(seed: int = 0, size: int = 32, **options: Any) -> bytes:
    """A file of noise, in which every byte occurs."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"quality": 95}, {"restart_marker_blocks": 1}]
)
def test_a_file_ends_where_the_next_begins(options: dict[str, Any]) -> None:
    """Of every kind that cameras write, in one piece and in pieces of a byte."""
    file = jpeg(**options)
    assert JpegEnd().find(file + jpeg(1)) == len(file)
    end = JpegEnd()
    assert all(end.find(file[:length]) is None for length in range(len(file)))
    assert end.find(file) == len(file)


def test_a_preview_in_a_file_ends_nothing() -> None:
    """Phones put a whole JPEG file into the description of another."""
    preview = jpeg(1)
    file = jpeg(exif=b"Exif\0\0" + preview)
    assert preview in file
    assert JpegEnd().find(file) == len(file)


class Looking:
    """A pattern that counts the bytes which it looks at."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern, self.looked_at = pattern, 0

    def search(self, content: bytes, at: int) -> re.Match[bytes] | None:
        """What the pattern finds."""
        found = self._pattern.search(content, at)
        self.looked_at += max((found.end() if found else len(content)) - at, 0)
        return found


def test_no_byte_is_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pieces the file comes in."""
    looking = Looking(jpeg_end._MARKER)
    monkeypatch.setattr(jpeg_end, "_MARKER", looking)
    file, end, piece_bytes = jpeg(size=256, quality=95), JpegEnd(), 64
    pieces = range(piece_bytes, len(file), piece_bytes)
    assert len(pieces) > 500
    assert all(end.find(file[:length]) is None for length in pieces)
    assert end.find(file) == len(file)
    assert looking.looked_at <= len(file) + 2 * len(pieces)
