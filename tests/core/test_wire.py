"""Frames: what goes in comes out, and nothing else gets in."""

import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION
from edgent.core.codecs.file import FileCodec
from edgent.core.wire import (
    LARGEST_TENSOR_BYTES,
    Frame,
    frame_bytes,
    head_identity,
    read_frame,
    write_frame,
)
from edgent.errors import FrameError, PluginError, WireVersionError
from tests.photo_files import photo_of

IDENTITY = head_identity("ab" * 32, "alexnet-p04")
IMAGE = np.random.default_rng(0).integers(0, 256, (1, 3, 16, 16)).astype(np.uint8)
FLOATS = np.random.default_rng(0).normal(size=(2, 4, 5)).astype(np.float32)


def _sample(codec: str) -> np.ndarray:
    if codec == "file":
        return photo_of(IMAGE).tensor
    return FLOATS if ACTIVATION in CODECS[codec].carries else IMAGE


def _written(codec: str, answer_codec: str | None, seconds: float) -> bytes:
    """A frame with the sample; a photo's own file in the codec that sends these."""
    payload = FileCodec().encode(photo_of(IMAGE)) if codec == "file" else None
    return write_frame(Frame(_sample(codec), codec, IDENTITY, answer_codec, seconds), payload)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("answer_codec", [None, *CODECS])
def test_round_trip_of_every_codec(codec: str, answer_codec: str | None) -> None:
    """All fields come back, and the tensor as its codec promises."""
    tensor = _sample(codec)
    data = _written(codec, answer_codec, 0.125)
    frame = read_frame(data)
    assert (frame.codec, frame.identity, frame.answer_codec, frame.seconds) == (
        codec,
        IDENTITY,
        answer_codec,
        0.125,
    )
    assert frame.tensor.shape == tensor.shape
    if CODECS[codec].lossless:
        np.testing.assert_array_equal(frame.tensor, tensor)
    if codec != "file":
        assert len(data) == frame_bytes(tensor.ndim, len(CODECS[codec].encode(tensor)))


@given(
    tensor=hnp.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=4).flatmap(
        lambda shape: hnp.arrays(
            st.sampled_from([np.uint8, np.float32, np.int64, np.float16, np.int32, np.float64, np.bool_]),
            shape,
        )
    ),
    seconds=st.floats(0, 4000),
)
def test_round_trip_of_every_shape_and_type(tensor: np.ndarray, seconds: float) -> None:
    """Any rank, empty tensors and NaN included."""
    frame = read_frame(write_frame(Frame(tensor, "raw", IDENTITY, seconds=seconds)))
    np.testing.assert_array_equal(frame.tensor, tensor)
    assert frame.tensor.dtype == tensor.dtype
    assert frame.seconds == pytest.approx(seconds, abs=1e-6)


class Careless:
    """A codec of another package that gives what it was made with."""

    number, carries, lossless = 250, (ACTIVATION,), True

    def __init__(self, name: str, written: object, read: object) -> None:
        self.name, self._written, self._read = name, written, read

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Anything."""
        return True

    def encode(self, tensor: np.ndarray) -> bytes:
        """What it was made with."""
        return self._written  # type: ignore[return-value]  # the mistake

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """What it was made with."""
        return self._read  # type: ignore[return-value]  # the mistake


@pytest.fixture
def add_codec(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, object], None]:
    """Adds a careless codec for one test."""
    monkeypatch.setattr(CODECS, "_items", dict(CODECS._items))
    monkeypatch.setattr(CODECS, "_added", set())
    monkeypatch.setattr(CODECS, "by_number", CODECS.by_number)

    def add(written: object, read: object) -> None:
        CODECS.add("careless", Careless("careless", written, read))

    return add


@pytest.mark.parametrize("written", [[1.0, 2.0], "words", None])
def test_a_codec_that_writes_no_bytes_is_named(
    add_codec: Callable[[object, object], None], written: object
) -> None:
    """With what it writes."""
    add_codec(written, FLOATS)
    said = f"codec 'careless' writes {type(written).__name__}, not bytes"
    with pytest.raises(PluginError, match=said):
        write_frame(Frame(FLOATS, "careless", IDENTITY))


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (None, "None"),
        (FLOATS.ravel(), r"float32 \(40,\)"),
        (FLOATS.astype(np.float64), r"float64 \(2, 4, 5\)"),
    ],
)
def test_a_codec_that_reads_another_tensor_is_named(
    add_codec: Callable[[object, object], None], read: object, said: str
) -> None:
    """One that lost its shape or its type, or is none."""
    add_codec(b"", read)
    frame = write_frame(Frame(FLOATS, "careless", IDENTITY))
    with pytest.raises(PluginError, match=rf"codec 'careless' reads {said} where float32 \(2, 4, 5\) was"):
        read_frame(frame)


def test_ten_thousand_mutated_frames() -> None:
    """Flip, cut, extend, splice: a FrameError each, and never more memory than the cap plus the frame."""
    rng = random.Random(7)
    originals = [_written(codec, "uint8", 0.1) for codec in CODECS]
    cap_bytes = 1 << 20
    tracemalloc.start()
    refused = 0
    for _ in range(10_000):
        data = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 4)):
            kind = rng.randrange(4)
            place = rng.randrange(len(data)) if data else 0
            if kind == 0 and data:
                data[place] ^= 1 << rng.randrange(8)
            elif kind == 1:
                del data[place:]
            elif kind == 2:
                data += rng.randbytes(rng.randint(1, 40))
            elif len(data) >= 40:
                struct.pack_into(
                    "<I", data, rng.randrange(len(data) - 4), rng.choice([0, 1, 2**31, 2**32 - 1])
                )
        if bytes(data) in originals:
            continue
        with pytest.raises(FrameError):
            read_frame(data, cap_bytes)
        refused += 1
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused > 9_000
    assert peak_bytes < 4 * cap_bytes


def _with_checksum(data: bytearray) -> bytes:
    """The frame with its checksum made right again, so that the checks behind it are reached."""
    crc = zlib.crc32(data[24:], zlib.crc32(data[:20]))
    struct.pack_into("<I", data, 20, crc)
    return bytes(data)


def test_ten_thousand_mutated_frames_with_a_right_checksum() -> None:
    """An adversary can compute a checksum: the parser stands without it, within the cap."""
    rng = random.Random(8)
    originals = [_written(codec, "uint8", 0.1) for codec in CODECS]
    cap_bytes = 1 << 20
    tracemalloc.start()
    for _ in range(10_000):
        data = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 3)):
            if rng.random() < 0.5:
                data[rng.randrange(min(len(data), 60))] = rng.randrange(256)
            else:
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            frame = read_frame(_with_checksum(data), cap_bytes)
        except FrameError:
            continue
        assert frame.tensor.nbytes <= cap_bytes
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 8 * cap_bytes


def test_another_version_is_told_apart() -> None:
    """A device with another edgent hears that, not that its frame is broken."""
    data = bytearray(write_frame(Frame(FLOATS, "float32", IDENTITY)))
    data[2] = 9
    with pytest.raises(WireVersionError, match="wire version 9"):
        read_frame(_with_checksum(data))


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (0, 0, "not an edgent frame"),
        (3, 77, "unknown codec 77"),
        (4, 77, "unknown codec 2 or 77"),
        (5, 77, "element type 77"),
        (6, 200, "rank 200"),
    ],
)
def test_each_header_field_is_checked(offset: int, value: int, message: str) -> None:
    """The refusal names the field and what it held."""
    data = bytearray(write_frame(Frame(FLOATS, "float32", IDENTITY, "float32")))
    data[offset] = value
    with pytest.raises(FrameError, match=message):
        read_frame(_with_checksum(data))


def test_a_tensor_over_the_cap_is_refused_on_both_sides() -> None:
    """The cap holds before memory is taken, for the reader by the declared shape."""
    data = bytearray(write_frame(Frame(FLOATS, "float32", IDENTITY)))
    struct.pack_into("<III", data, 24, 2**31, 2**31, 2**31)
    with pytest.raises(FrameError, match="at most"):
        read_frame(_with_checksum(data))
    with pytest.raises(FrameError, match="at most"):
        write_frame(Frame(np.zeros((1, LARGEST_TENSOR_BYTES + 1), np.uint8), "raw", IDENTITY))


def test_identity_tells_heads_and_models_apart() -> None:
    """Another model or another head is another identity."""
    names = {head_identity(model, head) for model in ("a" * 64, "b" * 64) for head in ("m-p01", "m-p02")}
    assert len(names) == 4


def test_a_codec_that_cannot_write_the_tensor_is_named() -> None:
    """The message says codec, type and shape."""
    with pytest.raises(FrameError, match="codec webp cannot write a float32"):
        write_frame(Frame(FLOATS, "webp", IDENTITY))


@pytest.mark.parametrize(
    ("odd", "written"), [(float("inf"), 4294.967295), (1e300, 4294.967295), (float("nan"), 0.0), (-1.0, 0.0)]
)
def test_seconds_beyond_the_field_are_clipped(odd: float, written: float) -> None:
    """A budget without end, or none at all, is no reason to fail."""
    tensor = np.zeros((1, 2), np.float32)
    assert read_frame(write_frame(Frame(tensor, "raw", IDENTITY, seconds=odd))).seconds == written


@pytest.mark.parametrize("codec_number", [*range(1, 6), 17])
@pytest.mark.parametrize("shape", [(0, 2**31, 2**31, 7), (2**32 - 1, 0, 2**32 - 1, 2**32 - 1)])
def test_no_elements_in_a_huge_shape(codec_number: int, shape: tuple[int, ...]) -> None:
    """A dimension of 0 hides no others that numpy would choke on."""
    frame = bytearray(write_frame(Frame(np.zeros((1, 1, 1, 1), np.float32), "raw", IDENTITY)))
    frame[3] = codec_number
    frame[24:] = struct.pack("<4I", *shape)
    with pytest.raises(FrameError):
        read_frame(_with_checksum(frame))
