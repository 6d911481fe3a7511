"""How much work it is to decode a photo: in proportion to what it was measured to take, unlike its bytes."""

import numpy as np
import pytest
from PIL import Image

from edgent.core.photo import Photo, decoding_work
from edgent.core.preprocessing import Preprocessing
from tests.photo_files import photo_bytes, steps

TAKEN = Preprocessing(3, 8, 8, "uint8", "CHW", steps())
MEASURED = {  # megapixels, megabytes, milliseconds on one core of an AMD EPYC; pictures made by Pillow
    "JPEG": [
        (0.12, 0.010, 1.2),
        (0.12, 0.032, 1.3),
        (0.48, 0.042, 3.0),
        (1.92, 0.525, 12.2),
        (3.0, 0.587, 19.2),
        (6.0, 0.215, 26.6),
        (6.0, 1.141, 34.3),
        (12.0, 0.389, 87.7),
        (12.0, 4.918, 109.2),
    ],
    "PNG": [(0.12, 0.240, 3.6), (0.48, 0.934, 9.1), (3.0, 5.820, 52.2), (12.0, 23.250, 244.9)],
    "GIF": [(0.12, 0.090, 1.7), (0.48, 0.249, 4.9), (6.0, 3.158, 45.9), (12.0, 5.474, 87.6)],
    "BMP": [(0.12, 0.360, 0.9), (0.48, 1.440, 2.6), (6.0, 17.995, 23.0), (12.0, 36.0, 74.8)],
}


@pytest.mark.parametrize("kind", MEASURED)
def test_what_decoding_took_is_in_proportion(kind: str) -> None:
    """Within a factor of two, from 0.1 to 12 megapixels and whatever the quality."""
    per_work = [ms / decoding_work(1e6 * pixels, 1e6 * size) for pixels, size, ms in MEASURED[kind]]
    assert max(per_work) / min(per_work) < 2.0


def test_bytes_alone_say_little() -> None:
    """A JPEG of few bytes may have as many pixels."""
    per_byte = [ms / size for _, size, ms in MEASURED["JPEG"]]
    assert max(per_byte) / min(per_byte) > 10.0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_a_photo_knows_its_pixels_and_format(kind: str) -> None:
    """Without being decoded."""
    content = photo_bytes(Image.fromarray(np.zeros((30, 40, 3), np.uint8)), kind)
    photo = Photo(content, TAKEN)
    assert (photo.format, photo.pixels) == (kind, 1200)
    assert photo.work == decoding_work(1200, len(content))
    assert not photo.is_decoded


def test_what_is_no_picture_has_no_pixels() -> None:
    """Whoever decodes it says why."""
    photo = Photo(b"nothing", TAKEN)
    assert (photo.format, photo.pixels) == ("", 0)
