"""A photo's own file: the edge makes of it exactly what the device would have made."""

from __future__ import annotations

import itertools
import struct
import tracemalloc
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgent.core import photo as photos
from edgent.core.codecs import CODECS
from edgent.core.codecs.file import FileCodec
from edgent.core.photo import LARGEST_FILE_BYTES, LARGEST_PIXELS, Photo
from edgent.core.preprocessing import Preprocessing, read_preprocessing
from edgent.core.wire import IDENTITY_BYTES, LARGEST_OVERHEAD_BYTES, Frame, read_frame, write_frame
from edgent.edge.configuration import USUAL_FRAME_BYTES
from edgent.errors import FrameError, InputError
from edgent.inputs import to_tensor
from edgent.inputs.picture import preprocessing_of
from edgent.spec import Pipeline
from tests.photo_files import photo_bytes, photo_of, steps

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = FileCodec()
RANDOM = np.random.default_rng(5)
IMAGENET: dict[str, Any] = {"mean": (123.675, 116.28, 103.53), "scale": (58.395, 57.12, 57.375)}
WAYS: dict[str, dict[str, Any]] = {
    "cover": {"resize": "cover"},
    "larger and cropped": {"resize": "cover", "size": [20, 24], "resample": "lanczos"},
    "contain": {"resize": "contain", "pad": 114},
    "stretch": {"resize": "stretch", "resample": "bicubic"},
    "blue first": {"resize": "stretch", "colour_order": "BGR"},
}


def _spec(
    shape: tuple[int, ...] = (3, 16, 12), dtype: str = "uint8", layout: str = "CHW", **said: Any
) -> Pipeline:
    taken = {"shape": shape, "dtype": dtype, "layout": layout, "labels": ("a", "b")}
    keys = {"version": 1, "name": "tiny", "model": {"file": "n.onnx"}, "exits": ({"name": "exit1"},)}
    steps = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Pipeline.model_validate(keys | {"input": taken | ({"preprocessing": steps} if said else {})})


def _pixels(width: int = 61, height: int = 47) -> Image.Image:
    rough = RANDOM.integers(0, 256, (max(1, height // 6), max(1, width // 6), 3), np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)


def _on_edge(photo: Photo) -> np.ndarray:
    frame = Frame(photo.outline, "file", bytes(IDENTITY_BYTES))
    return read_frame(write_frame(frame, FILE.encode(photo))).tensor


def _same(content: bytes, spec: Pipeline) -> None:
    """The edge makes the tensor that a device without this codec sends."""
    tensor = _on_edge(Photo(content, preprocessing_of(spec)))
    expected = to_tensor(content, spec)
    np.testing.assert_array_equal(tensor, expected)
    assert tensor.dtype == expected.dtype


KINDS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: photo_bytes(_pixels()),
    "grey jpeg": lambda: photo_bytes(_pixels().convert("L")),
    "cmyk jpeg": lambda: photo_bytes(_pixels().convert("CMYK")),
    "progressive jpeg": lambda: photo_bytes(_pixels(), progressive=True),
    "jpeg of two pictures": lambda: photo_bytes(_pixels(), "MPO", save_all=True, append_images=[_pixels()]),
    "png": lambda: photo_bytes(_pixels(), "PNG"),
    "png with a palette": lambda: photo_bytes(_pixels().quantize(16), "PNG", transparency=3),
    "png with transparency": lambda: photo_bytes(_pixels().convert("RGBA"), "PNG"),
    "png of 16 bits": lambda: photo_bytes(
        Image.fromarray(RANDOM.integers(0, 65536, (30, 40), np.uint16)), "PNG"
    ),
    "gif": lambda: photo_bytes(_pixels(), "GIF"),
    "bmp": lambda: photo_bytes(_pixels(), "BMP"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_becomes_the_same_input(kind: str, way: str) -> None:
    """Whatever its colours and its format, under each way to fit it."""
    _same(KINDS[kind](), _spec(**WAYS[way]))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_same_side_is_up(orientation: int, kind: str) -> None:
    """All of EXIF's orientations."""
    _same(photo_bytes(_pixels(), kind, orientation), _spec(resize="cover"))


@pytest.mark.parametrize("layout", ["CHW", "HWC"])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float16", "float64"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_networks_of_floats_and_of_other_channels_get_theirs(dtype: str, layout: str, channels: int) -> None:
    """Means and scales travel, and so does the order of the axes."""
    shape = (channels, 16, 12) if layout == "CHW" else (16, 12, channels)
    floats = {} if dtype == "uint8" else {name: values[:1] * channels for name, values in IMAGENET.items()}
    _same(photo_bytes(_pixels()), _spec(shape, dtype, layout, resize="cover", **floats))


def test_without_preprocessing_only_the_own_size_is_taken() -> None:
    """As on the device."""
    _same(photo_bytes(_pixels(12, 16)), _spec())
    with pytest.raises(FrameError, match="61x47 pixels"):
        _on_edge(Photo(photo_bytes(_pixels()), preprocessing_of(_spec())))


@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    resize=st.sampled_from(["cover", "contain", "stretch"]),
    resample=st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos"]),
    orientation=st.integers(1, 8),
)
def test_photos_of_any_size_become_the_same(
    width: int, height: int, resize: str, resample: str, orientation: int
) -> None:
    """Long, narrow, turned, tiny."""
    content = photo_bytes(_pixels(width, height), "JPEG", orientation, quality=60)
    _same(content, _spec(resize=resize, resample=resample))


def test_what_is_said_of_preprocessing_comes_back() -> None:
    """Every field, behind which the file begins."""
    for channels, dtype, is_bgr in itertools.product((1, 3, 4), ("uint8", "float32"), (False, True)):
        said = steps((9, 11), channels, pad=7, crop=False, is_bgr=is_bgr and channels == 3)
        if dtype == "float32":
            said = replace(said, mean=(0.5,) * channels, scale=(2.0,) * channels)
        taken = Preprocessing(channels, 8, 10, dtype, "HWC", said)
        payload = memoryview(taken.to_bytes() + b"file")
        found, rest = read_preprocessing(payload, (1, *taken.shape), np.dtype(dtype))
        if dtype == "uint8":
            found = replace(found, steps=said)
        assert (found, bytes(rest)) == (taken, b"file")


def test_pixels_have_no_file() -> None:
    """And the codec says so."""
    with pytest.raises(FrameError, match="pixels have none"):
        FILE.encode(np.zeros((1, 3, 8, 8), np.uint8))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no picture that the edge reads"),
        (b"GIF89a", "no picture that the edge reads"),
        (photo_bytes(_pixels(), "WEBP"), "no picture that the edge reads"),
        (photo_bytes(_pixels(), "TIFF"), "no picture that the edge reads"),
        (photo_bytes(_pixels()) + bytes(LARGEST_FILE_BYTES), "bytes, and at most 6,291,456 go up"),
    ],
)
def test_a_file_that_may_not_go_up_is_kept_with_a_reason(content: bytes, why: str) -> None:
    """The device decodes it then, if it can."""
    photo = Photo(content, preprocessing_of(_spec(resize="cover")))
    assert photo.kept_here is not None
    assert why in photo.kept_here
    with pytest.raises(FrameError, match="cannot send this photo"):
        FILE.encode(photo)


def test_a_frame_with_the_largest_file_passes_torchserve_as_it_is() -> None:
    """Nobody has to raise its limit."""
    assert LARGEST_FILE_BYTES + LARGEST_OVERHEAD_BYTES <= USUAL_FRAME_BYTES


def _png_that_says(width: int, height: int) -> bytes:
    """A small file whose header says a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_png_that_says(60_000, 60_000), steps()),
        (_png_that_says(LARGEST_PIXELS + 1, 1), steps()),
        (_png_that_says(1, 60_000), steps(resize="contain", box=(60_000, 60_000))),
        (photo_bytes(_pixels(1, 60)), steps(resize="stretch", box=(60_000, 60_000))),
    ],
)
def test_a_bomb_is_refused_before_memory_is_taken(content: bytes, said: Any) -> None:
    """By what its header says, and by what it would be resized to."""
    payload = Preprocessing(3, 8, 8, "uint8", "CHW", said).to_bytes() + content
    tracemalloc.start()
    try:
        with pytest.raises(FrameError, match="pixels"):
            FILE.decode(memoryview(payload), (1, 3, 8, 8), np.dtype(np.uint8))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_thin_picture_does_not_grow_beyond_what_is_kept() -> None:
    """Covering a square it would be a thousand times as long."""
    _same(photo_bytes(_pixels(1, 3000)), _spec(resize="cover"))


@given(data=st.data())
def test_a_damaged_file_is_refused_or_becomes_an_input(data: st.DataObject) -> None:
    """Bytes that were changed, cut out or added anywhere, in the preprocessing as well."""
    payload = bytearray(FILE.encode(Photo(PHOTO, preprocessing_of(_spec_of_floats()))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
        if not payload:
            break
    try:
        decoded = FILE.decode(memoryview(bytes(payload)), (1, 3, 16, 12), np.dtype(np.float32))
    except FrameError:
        return
    assert (decoded.shape, decoded.dtype) == ((1, 3, 16, 12), np.float32)


PHOTO = photo_bytes(_pixels())


def _spec_of_floats() -> Pipeline:
    return _spec(dtype="float32", resize="cover", **IMAGENET)


def test_a_truncated_photo_is_an_error_on_both_sides() -> None:
    """Never half a picture."""
    photo = Photo(PHOTO[: len(PHOTO) // 2], preprocessing_of(_spec_of_floats()))
    assert photo.kept_here is None  # its header is whole
    with pytest.raises(FrameError, match="no readable image: image file is truncated"):
        _on_edge(photo)
    with pytest.raises(InputError, match="no readable image: image file is truncated"):
        _ = photo.tensor


def test_a_photo_is_decoded_once_and_only_when_asked() -> None:
    """And its outline takes no memory."""
    photo = photo_of(np.zeros((1, 3, 8, 8), np.float32))
    assert (photo.outline.shape, photo.outline.dtype) == ((1, 3, 8, 8), np.float32)
    assert photo.outline.strides == (0, 0, 0, 0)
    assert not photo.is_decoded
    assert photo.tensor is photo.tensor
    assert photo.is_decoded


def test_only_pictures_are_held() -> None:
    """One at a time, of bytes or floats."""
    for shape, dtype, is_held in (
        ((1, 3, 8, 8), np.uint8, True),
        ((1, 8, 8, 4), np.float16, True),
        ((2, 3, 8, 8), np.uint8, False),
        ((1, 5, 8, 8), np.uint8, False),
        ((1, 3, 8, 8), np.int64, False),
        ((1, 64), np.uint8, False),
    ):
        assert CODECS["file"].supports(shape, np.dtype(dtype)) is is_held


def test_the_reader_says_which_formats_it_takes() -> None:
    """So that a user can choose one."""
    assert "JPEG, PNG, GIF, BMP" in (Photo(b"x", preprocessing_of(_spec())).kept_here or "")
    assert photos.FORMATS[0] == "JPEG"
