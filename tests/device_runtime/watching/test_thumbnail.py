"""Small pictures of inputs: small, whatever the input is."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from device_runtime.watching.thumbnail import thumbnail
from edgent.inputs import GivenInput


def opened(small: str | None) -> Image.Image:
    """The picture."""
    assert small is not None
    content = base64.b64decode(small)
    assert len(content) <= 8 * 1024
    return Image.open(io.BytesIO(content))


def photo(width: int, height: int, kind: str = "JPEG") -> bytes:
    """A file of noise, which no codec makes small."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize(
    ("size", "small"), [((640, 480), (96, 72)), ((300, 900), (32, 96)), ((40, 30), (40, 30))]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_photos_keep_their_sides_ratio(size: tuple[int, int], small: tuple[int, int], kind: str) -> None:
    """And get no larger."""
    assert opened(thumbnail(GivenInput("a", photo(*size, kind)))).size == small


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (1, 3, 224, 224)])
def test_arrays_of_pixels_are_pictures(shape: tuple[int, ...]) -> None:
    """In grey and in colour, with a batch of one or without."""
    pixels = np.full(shape, 200, np.uint8)
    small = opened(thumbnail(GivenInput("a", pixels)))

    assert max(small.size) == min(max(shape), 96)
    assert small.getpixel((0, 0)) == (200, 200, 200)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no picture",
        photo(64, 64)[:200],
        np.zeros((3, 8, 8), np.float32),
        np.zeros((7, 8, 8), np.uint8),
        np.zeros(12, np.uint8),
    ],
)
def test_what_is_no_picture_has_none(content: np.ndarray | bytes | None) -> None:
    """An answer does without."""
    assert thumbnail(GivenInput("a", content)) is None


def test_a_picture_stays_as_large_as_it_is() -> None:
    """A frame of a camera is the caller's."""
    picture = Image.new("RGB", (640, 480))
    assert opened(thumbnail(GivenInput("a", picture))).size == (96, 72)
    assert picture.size == (640, 480)
