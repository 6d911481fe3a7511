"""Codes as bytes and back."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.code_packing import pack_code, unpack_code
from edgent.errors import FrameError


@given(st.integers(1, 9), st.integers(0, 400), st.integers(0, 2**32 - 1))
def test_there_and_back(levels: int, count: int, seed: int) -> None:
    """Every code comes back bit for bit, and is never longer than its elements."""
    code = np.random.default_rng(seed).integers(0, levels, (1, 1, 1, count)).astype(np.uint8)
    payload = pack_code(code)
    assert len(payload) <= code.size
    assert np.array_equal(unpack_code(payload, code.shape), code)


def test_it_takes_little_more_than_the_entropy() -> None:
    """Five parts in a hundred, and a table."""
    shares = np.array([0.02, 0.08, 0.2, 0.4, 0.2, 0.08, 0.02])
    code = np.random.default_rng(0).choice(7, (16, 14, 14), p=shares).astype(np.uint8)
    entropy_bytes = -(shares * np.log2(shares)).sum() * code.size / 8
    assert entropy_bytes < len(pack_code(code)) < 1.05 * entropy_bytes + 20


@pytest.mark.parametrize(
    "payload",
    [b"", b"no deflate", pack_code(np.zeros(99, np.uint8)), pack_code(np.zeros(101, np.uint8)), b"x" * 99],
)
def test_what_a_stranger_sends(payload: bytes) -> None:
    """Anything that is not a code of this shape is refused."""
    with pytest.raises(FrameError, match="a code that"):
        unpack_code(payload, (1, 100))


def test_a_bomb_is_not_unpacked() -> None:
    """A payload that would fill the memory is refused as soon as it exceeds the shape."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = bomb.compress(bytes(50_000_000)) + bomb.flush()
    with pytest.raises(FrameError, match="does not hold 100 elements"):
        unpack_code(payload, (1, 100))


def test_what_follows_a_code_is_refused() -> None:
    """Bytes behind the end of the stream are no part of any code."""
    with pytest.raises(FrameError, match="does not hold"):
        unpack_code(pack_code(np.zeros(100, np.uint8)) + b"more", (1, 100))
