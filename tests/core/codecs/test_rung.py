"""The rungs of the ladder: their names, their sizes, and what they refuse before taking memory."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, features

from edgent.core.codecs import CODECS
from edgent.core.codecs.avif_rung import AvifRung, is_there
from edgent.core.codecs.rung import parsed_name, scaled
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import FrameError, UnknownNameError

UINT8 = np.dtype(np.uint8)
SHAPE = (1, 3, 40, 60)
FAMILIES = ["jpeg", "webp", *(["avif"] if is_there() else [])]
needs_avif = pytest.mark.skipif(not is_there(), reason="this Pillow has no AVIF")


def _photo(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """A smooth picture with some texture."""
    rows, columns = np.mgrid[0 : shape[2], 0 : shape[3]]
    planes = [128 + 60 * np.sin(rows / 9 + k) + 50 * np.cos(columns / 7 - k) for k in range(shape[1])]
    noise = np.random.default_rng(1).normal(0, 4, shape[1:])
    pixels: np.ndarray = np.clip(np.stack(planes) + noise, 0, 255).astype(np.uint8)[np.newaxis]
    return pixels


def _error(received: np.ndarray, sent: np.ndarray) -> float:
    return float(np.abs(received.astype(np.float64) - sent).mean())


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("jpeg30", ("jpeg", 30, 100)),
        ("avif20@0.7", ("avif", 20, 70)),
        ("webp100@0.05", ("webp", 100, 5)),
        *(
            (name, None)
            for name in ("jpeg", "webp", "jpeg0", "jpeg101", "jpeg30@", "jpeg30@1", "jpeg30@0.70")
        ),
        *(
            (name, None)
            for name in (
                "jpeg030",
                "jpeg30@.7",
                "jpeg30@0.0",
                "JPEG30",
                "jpeg30@0.755",
                "30",
                "jpeg30\n",
                "jpeg\u0969\u0966",
            )
        ),
    ],
)
def test_a_name_has_one_way_to_be_written(name: str, parsed: tuple[str, int, int] | None) -> None:
    """Family, quality, and what is left of the sides."""
    assert parsed_name(name) == parsed
    if parsed is not None and parsed[0] in FAMILIES:
        assert CODECS[name].name == name


def test_the_names_without_a_quality_mean_what_they_meant() -> None:
    """JPEG of quality 75 without two bytes in front, and WebP without loss."""
    photo = _photo()
    assert CODECS["jpeg75"].encode(photo) == bytes((75, 100)) + CODECS["jpeg"].encode(photo)
    assert CODECS["webp"].lossless
    assert not CODECS["webp100"].lossless


@pytest.mark.parametrize("family", FAMILIES)
def test_less_quality_and_smaller_pictures_have_fewer_bytes(family: str) -> None:
    """And come back further from what was sent, at the tensor's size."""
    photo, sizes, errors = _photo(), [], []
    for name in (f"{family}90", f"{family}30", f"{family}30@0.5"):
        payload = CODECS[name].encode(photo)
        received = CODECS[name].decode(memoryview(payload), SHAPE, UINT8)
        assert received.shape == SHAPE
        sizes.append(len(payload))
        errors.append(_error(received, photo))
    assert sizes == sorted(sizes, reverse=True)
    assert errors == sorted(errors)
    assert errors[0] < 5


@pytest.mark.parametrize("family", FAMILIES)
def test_the_reader_needs_no_name(family: str) -> None:
    """A frame of any rung is read by its family: quality and scale follow from the bytes."""
    photo = _photo()
    for name in (f"{family}20@0.35", f"{family}80"):
        frame = read_frame(write_frame(Frame(photo, name, bytes(8))))
        assert frame.codec.startswith(family)
        payload = CODECS[name].encode(photo)
        np.testing.assert_array_equal(frame.tensor, CODECS[name].decode(memoryview(payload), SHAPE, UINT8))


@pytest.mark.parametrize("family", FAMILIES)
def test_channels_may_come_last(family: str) -> None:
    """The same bytes, and the same pixels in the other order of axes."""
    for channels in (1, 3):
        first = _photo((1, channels, 40, 60))
        last = np.ascontiguousarray(first.transpose(0, 2, 3, 1))
        codec = CODECS[f"{family}40@0.6"]
        payload = codec.encode(last)
        assert payload == codec.encode(first)
        decoded = codec.decode(memoryview(payload), last.shape, UINT8)
        expected = codec.decode(memoryview(payload), first.shape, UINT8)
        np.testing.assert_array_equal(decoded.transpose(0, 3, 1, 2), expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_larger_than_the_tensor_is_refused(family: str) -> None:
    """Its header says so before memory is taken; a jpeg's header is made by the reader."""
    large = _photo((1, 3, 80, 120))
    payload = memoryview(CODECS[f"{family}50"].encode(large))
    if family == "jpeg":
        assert CODECS["jpeg50"].decode(payload, SHAPE, UINT8).shape == SHAPE
        return
    with pytest.raises(FrameError, match=f"a {family} of 120x80 pixels for a tensor of shape"):
        CODECS[f"{family}50"].decode(payload, SHAPE, UINT8)


@pytest.mark.parametrize("family", ["webp", *(["avif"] if is_there() else [])])
def test_a_bomb_is_never_opened(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few bytes that say thousands of pixels a side never come to Pillow."""
    bombs = {
        "webp": b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383) + bytes(20),
        # profile 0, still, short header, level 31, sides of 16 bits: 65536 x 65536
        "avif": b"\x0a\x0a"
        + (0b00011_11111_1111_1111 << 62 | (2**32 - 1) << 30).to_bytes(10, "big")
        + b"\x32\x01\x00",
    }
    monkeypatch.setattr(Image, "open", lambda *_args, **_kwargs: pytest.fail("it was opened"))
    with pytest.raises(FrameError, match=r"of (16383x16383|65536x65536) pixels for a tensor"):
        CODECS[f"{family}50"].decode(memoryview(bombs[family]), SHAPE, UINT8)


def test_a_lossless_webp_of_another_size_is_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor an animated or lossy one."""
    large = CODECS["webp"].encode(_photo((1, 3, 80, 120)))
    lossy = io.BytesIO()
    Image.new("RGB", (60, 40)).save(lossy, "WEBP", quality=50)
    monkeypatch.setattr(Image, "open", lambda *_args, **_kwargs: pytest.fail("it was opened"))
    for file in (large, lossy.getvalue()):
        with pytest.raises(FrameError, match="no lossless webp of shape"):
            CODECS["webp"].decode(memoryview(file), SHAPE, UINT8)


@needs_avif
def test_avif_leaves_out_the_file_around_the_picture() -> None:
    """Some 280 bytes fewer than the file, and the same pixels."""
    photo, file = _photo(), io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(photo[0].transpose(1, 2, 0)))
    image.save(file, "AVIF", quality=20, speed=9, subsampling="4:2:0", max_threads=1)
    payload = CODECS["avif20"].encode(photo)
    assert len(payload) < len(file.getvalue()) - 250
    received = CODECS["avif20"].decode(memoryview(payload), SHAPE, UINT8)
    np.testing.assert_array_equal(received[0].transpose(1, 2, 0), np.asarray(Image.open(file).convert("RGB")))


@needs_avif
@pytest.mark.parametrize("place", range(24))
def test_units_that_say_something_else_are_refused_or_fill_the_shape(place: int) -> None:
    """Every byte of both headers, turned around: no second header, no other size, no crash."""
    payload = bytearray(CODECS["avif20"].encode(_photo()))
    for value in (0, 0xFF, payload[place] ^ 0x55):
        damaged = payload.copy()
        damaged[place] = value
        try:
            received = CODECS["avif20"].decode(memoryview(damaged), SHAPE, UINT8)
        except FrameError:
            continue
        assert received.shape == SHAPE


@needs_avif
def test_a_second_header_behind_the_first_is_refused() -> None:
    """It could say a larger size."""
    payload = CODECS["avif20"].encode(_photo())
    header = payload[: 2 + payload[1]]
    for data in (header + payload, payload + header, payload + payload):
        with pytest.raises(FrameError, match="no header and frame of AV1"):
            AvifRung().decode(memoryview(data), SHAPE, UINT8)


def test_a_pillow_without_avif_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a spec names such a codec, and where a frame of it arrives."""
    monkeypatch.setattr(features, "check", lambda _feature: False)
    with pytest.raises(UnknownNameError, match=r"built without AVIF; install pillow>=11\.3"):
        CODECS["avif99@0.99"]
    with pytest.raises(FrameError, match=r"this side cannot read avif"):
        AvifRung().decode(memoryview(b"\x0a"), SHAPE, UINT8)


@pytest.mark.parametrize("name", ["avif", "jpeg0", "webp30@1", "jpeg2000"])
def test_what_looks_like_a_rung_is_told_how_they_are_written(name: str) -> None:
    """With an example."""
    with pytest.raises(UnknownNameError, match=f"no codec '{name}'; write the quality, 1 to 100.*avif20@0.7"):
        CODECS[name]


def test_sides_are_whole_pixels() -> None:
    """Rounded, and never nothing."""
    assert scaled((224, 224), 70) == (157, 157)
    assert scaled((3, 1), 5) == (1, 1)
    assert scaled((60, 40), 100) == (60, 40)
