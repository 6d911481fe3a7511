"""Frames that say something of time, and frames of before, which say nothing of it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
from edgent.core.frame_times import ANSWER_TIMES_BYTES, REQUEST_TIMES_BYTES
from edgent.core.stay import SentAt, Stay
from edgent.core.wire import Frame, read_frame, read_sealed, without_times, write_frame
from edgent.errors import FrameError

IDENTITY = bytes(range(8))
PIXELS = np.arange(4, dtype=np.uint8).reshape(1, 1, 2, 2)
FLOATS = np.array([[0.5, -1.0]], np.float32)
TO_ASK = ExitsToAsk("margin", (bytes(range(8, 16)),), (0.5,))
SECONDS = st.integers(0, 2**32 - 1).map(lambda micros: micros / 1e6)
CLOCKS = st.binary(min_size=4, max_size=4)
TIMES = st.builds(SentAt, CLOCKS, st.integers(0, 2**64 - 1)) | st.builds(
    Stay, CLOCKS, st.integers(0, 2**64 - 1), SECONDS, SECONDS
)

OLD = {
    "request": (
        "4547010102010407000102030405060790d00300bf8331ce0100000001000000020000000200000000010203",
        Frame(PIXELS, "raw", IDENTITY, "float32", 0.25, 7),
    ),
    "request that asks exits": (
        (
            "4547020102010407000102030405060790d0030059db6f9b0100000001000000020000000200000019000101066d617267696e"
            "08090a0b0c0d0e0f000000000000e03f00010203"
        ),
        Frame(PIXELS, "raw", IDENTITY, "float32", 0.25, 7, TO_ASK),
    ),
    "answer": (
        "45470102000202070001020304050607e8030000b4b6bc1101000000020000000000003f000080bf",
        Frame(FLOATS, "float32", IDENTITY, None, 0.001, 7),
    ),
    "answer of an exit": (
        "45470202000202070001020304050607e803000091310da9010000000200000006000200d00700000000003f000080bf",
        Frame(FLOATS, "float32", IDENTITY, None, 0.001, 7, ExitsAsked(0, 0.002)),
    ),
}
"""Recorded from edgent before its frames said anything of time."""


@pytest.mark.parametrize("kind", OLD)
def test_frames_of_before(kind: str) -> None:
    """They are read as ever, and written byte by byte as ever."""
    recorded, frame = bytes.fromhex(OLD[kind][0]), OLD[kind][1]
    read = read_frame(recorded)
    np.testing.assert_array_equal(read.tensor, frame.tensor)
    assert (read.codec, read.identity, read.answer_codec, read.seconds, read.number) == (
        frame.codec,
        IDENTITY,
        frame.answer_codec,
        frame.seconds,
        7,
    )
    assert (read.exits, read.times) == (frame.exits, None)
    assert write_frame(frame) == recorded


@given(times=TIMES, exits=st.sampled_from([None, TO_ASK, ExitsAsked(None, 0.5)]))
def test_round_trip(times: SentAt | Stay, exits: ExitsToAsk | ExitsAsked | None) -> None:
    """All that is said of time comes back, with exits and without, and the tensor behind it."""
    data = write_frame(Frame(PIXELS, "raw", IDENTITY, "float32", 0.25, 7, exits, times))
    frame = read_frame(data)
    assert data[2] == 3
    assert (frame.times, frame.exits) == (times, exits)
    np.testing.assert_array_equal(frame.tensor, PIXELS)


@given(times=TIMES, kind=st.sampled_from(sorted(OLD)))
def test_without_times(times: SentAt | Stay, kind: str) -> None:
    """What is left is the frame that was written before."""
    recorded, frame = OLD[kind]
    assert without_times(write_frame(replace(frame, times=times))) == bytes.fromhex(recorded)


def test_what_is_said_costs_few_bytes() -> None:
    """15 up and 23 down, at 50 kbps two and four milliseconds."""
    assert (REQUEST_TIMES_BYTES, ANSWER_TIMES_BYTES) == (15, 23)
    plain = len(write_frame(Frame(PIXELS, "raw", IDENTITY)))
    assert len(write_frame(Frame(PIXELS, "raw", IDENTITY, times=SentAt()))) == plain + REQUEST_TIMES_BYTES
    assert (
        len(write_frame(Frame(PIXELS, "raw", IDENTITY, times=Stay(b"edge", 1, 0, 0))))
        == plain + ANSWER_TIMES_BYTES
    )


@given(st.binary(max_size=80))
def test_damage_behind_the_dimensions(rest: bytes) -> None:
    """Whatever stands there under a right checksum: a frame or a FrameError."""
    data = bytearray(write_frame(Frame(PIXELS, "raw", IDENTITY, times=SentAt()))[: 24 + 16]) + rest
    struct.pack_into("<I", data, 20, zlib.crc32(data[24:], zlib.crc32(data[:20])))
    try:
        frame = read_frame(data)
    except FrameError:
        return
    assert frame.tensor.shape == PIXELS.shape


def test_a_sealed_frame_is_not_decoded() -> None:
    """All but the tensor is known, although the payload is none that its codec could read."""
    data = bytearray(write_frame(Frame(PIXELS, "webp", IDENTITY, seconds=0.5), b"no picture"))
    sealed = read_sealed(data)
    assert (sealed.shape, sealed.dtype, sealed.frame.seconds) == (PIXELS.shape, np.uint8, 0.5)
    assert sealed.holds_something
    with pytest.raises(FrameError):
        sealed.open()
