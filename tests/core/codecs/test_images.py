"""The two image codecs: webp exact and small, jpeg without its header."""

import io

import numpy as np
import pytest
from PIL import Image

from edgent.core.codecs.codec import Codec
from edgent.core.codecs.jpeg import JpegCodec
from edgent.core.codecs.webp import WebpCodec
from edgent.errors import FrameError


def _photo(channels: int) -> np.ndarray:
    """A smooth image with some texture, like a photograph."""
    rows, columns = np.mgrid[0:32, 0:32]
    noise = np.random.default_rng(1).normal(0, 4, (channels, 32, 32))
    planes = [128 + 60 * np.sin(rows / 9 + k) + 50 * np.cos(columns / 7 - k) for k in range(channels)]
    return np.clip(np.stack(planes) + noise, 0, 255).astype(np.uint8)[np.newaxis]


def test_webp_is_smaller_than_raw_and_exact() -> None:
    """Fewer bytes than the pixels themselves, and the same pixels, in colour and in grey."""
    for channels in (1, 3):
        image = _photo(channels)
        payload = WebpCodec().encode(image)
        assert len(payload) < image.size
        np.testing.assert_array_equal(
            WebpCodec().decode(memoryview(payload), image.shape, image.dtype), image
        )


def test_jpeg_sends_the_scan_only() -> None:
    """The payload lacks the header of the file, and decodes to what the whole file decodes to."""
    for channels, mode in ((1, "L"), (3, "RGB")):
        image = _photo(channels)
        whole = io.BytesIO()
        pillow = Image.fromarray(image[0, 0] if channels == 1 else image[0].transpose(1, 2, 0))
        pillow.save(whole, "JPEG", quality=75, subsampling="4:2:0")
        payload = JpegCodec().encode(image)
        assert len(payload) < len(whole.getvalue()) - 300
        pixels = np.asarray(Image.open(whole).convert(mode)).reshape(32, 32, channels)
        decoded = JpegCodec().decode(memoryview(payload), image.shape, image.dtype)
        np.testing.assert_array_equal(decoded[0].transpose(1, 2, 0), pixels)


@pytest.mark.parametrize("codec", [JpegCodec(), WebpCodec()])
def test_a_refusal_shows_no_address_in_memory(codec: Codec) -> None:
    """Its text goes to whoever sent the payload."""
    with pytest.raises(FrameError) as caught:
        codec.decode(memoryview(b"garbage"), (1, 3, 8, 8), np.dtype(np.uint8))
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("codec", [JpegCodec(), WebpCodec()])
@pytest.mark.parametrize("channels", [1, 3])
def test_channels_may_come_last(codec: Codec, channels: int) -> None:
    """The same bytes on the wire, and the same pixels in the other order of axes."""
    first = _photo(channels)
    last = np.ascontiguousarray(first.transpose(0, 2, 3, 1))
    assert codec.supports(last.shape, last.dtype)
    payload = codec.encode(last)
    assert payload == codec.encode(first)
    decoded = codec.decode(memoryview(payload), last.shape, last.dtype)
    assert decoded.shape == last.shape
    expected = codec.decode(memoryview(payload), first.shape, first.dtype)
    np.testing.assert_array_equal(decoded.transpose(0, 3, 1, 2), expected)
