"""Levels as octets, packed and back."""

import zlib

import numpy as np
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.code_packing import pack_code
from edgent.core.level_packing import FRAME_HEADER, LARGEST_DEFLATED_BYTES, pack_levels, unpack_levels
from edgent.errors import FrameError


def _sparse(count: int) -> bytes:
    """Maps that are empty or not, as a relu leaves them, one after the other."""
    random = np.random.default_rng(0)
    maps = random.geometric(0.05, (count // 64, 64)) * (random.random((count // 64, 1)) < 0.3)
    return np.minimum(maps, 255).astype(np.uint8).tobytes()


@given(st.integers(0, 3000), st.integers(1, 256), st.integers(0, 2**32 - 1))
def test_there_and_back(count: int, levels: int, seed: int) -> None:
    """Octets come back bit for bit, and are never longer than they were."""
    octets = np.random.default_rng(seed).integers(0, levels, count).astype(np.uint8).tobytes()
    payload = pack_levels(octets)
    assert len(payload) <= len(octets)
    assert unpack_levels(memoryview(payload), count).tobytes() == octets


def test_the_least_is_taken() -> None:
    """Runs of empty maps for DEFLATE, a repeated pattern for zstd, noise as it is."""
    octets = _sparse(4096)
    assert len(pack_levels(octets)) < len(pack_code(np.frombuffer(octets, np.uint8)))
    pattern = np.random.default_rng(0).integers(0, 256, 200).astype(np.uint8).tobytes() * 9
    assert pack_levels(pattern).startswith(FRAME_HEADER)
    noise = np.random.default_rng(0).integers(0, 256, 500).astype(np.uint8).tobytes()
    assert pack_levels(noise) == noise


def test_large_tensors_are_left_to_zstd() -> None:
    """DEFLATE would take milliseconds."""
    assert not pack_levels(_sparse(LARGEST_DEFLATED_BYTES)).startswith(FRAME_HEADER)
    assert pack_levels(_sparse(LARGEST_DEFLATED_BYTES + 64)).startswith(FRAME_HEADER)


@given(st.binary(max_size=60))
def test_no_deflate_stream_begins_like_a_zstd_frame(rest: bytes) -> None:
    """So what begins so is one of zstd's."""
    with pytest.raises(zlib.error):
        zlib.decompressobj(-15).decompress(FRAME_HEADER + rest + b"x")


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    """A zstd frame that declares another size is never decompressed, a stream no further than that size."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    bombs = [
        zstd.compress(bytes(50_000_000)),
        stream.compress(bytes(50_000_000)) + stream.flush(),
    ]
    for bomb in bombs:
        with pytest.raises(FrameError, match="does not hold 1000"):
            unpack_levels(memoryview(bomb), 1000)


def test_damaged_frames_of_zstd_are_refused() -> None:
    """Cut short, followed by something, or of a size that they do not say."""
    frame = zstd.compress(bytes(range(256)) * 4)
    stream = zstd.ZstdCompressor()
    silent = stream.compress(bytes(range(256)) * 4) + stream.flush()
    for damaged in [frame[:length] for length in range(4, len(frame))] + [frame + b"x", silent]:
        with pytest.raises(FrameError):
            unpack_levels(memoryview(damaged), 1024)
