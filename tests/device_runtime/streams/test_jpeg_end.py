"""Where JPEG files end that follow each other."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from device_runtime.streams.jpeg_end import jpeg_bytes
from edgent.errors import InputError


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
    """Of every kind that cameras write."""
    file = jpeg(**options)
    assert jpeg_bytes(file + jpeg(1)) == len(file)
    assert all(jpeg_bytes(file[:length]) is None for length in range(len(file)))


def test_a_preview_in_a_file_ends_nothing() -> None:
    """Phones put a whole JPEG file into the description of another."""
    preview = jpeg(1)
    file = jpeg(exif=b"Exif\0\0" + preview)
    assert preview in file
    assert jpeg_bytes(file) == len(file)


def test_what_is_no_jpeg_file_is_refused() -> None:
    """With what to write for raw pixels."""
    with pytest.raises(InputError, match=r"89 50 4e 47, which is no JPEG file; .* --frame-format"):
        jpeg_bytes(b"\x89PNG\r\n")
