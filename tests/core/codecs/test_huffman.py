"""Codes: bit for bit, in fewer bytes where that is possible, and offered by no spec."""

import numpy as np
import pytest

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.errors import FrameError


@pytest.mark.parametrize(("levels", "most_bytes"), [(9, 800), (256, 1568)])
def test_few_levels_take_half_and_noise_what_it_has(levels: int, most_bytes: int) -> None:
    """An encoder that uses few levels pays for these alone."""
    code = np.random.default_rng(0).integers(0, levels, (1, 8, 14, 14), np.uint8)
    payload = CODECS["huffman"].encode(code)
    assert len(payload) <= most_bytes
    read = CODECS["huffman"].decode(memoryview(payload), code.shape, code.dtype)
    np.testing.assert_array_equal(read, code)


def test_only_single_bytes_and_nothing_else_behind_them() -> None:
    """Floats are refused, and so is a payload that holds more than the shape."""
    assert not CODECS["huffman"].supports((1, 8), np.dtype(np.float32))
    with pytest.raises(FrameError, match="a code that"):
        CODECS["huffman"].decode(memoryview(bytes(9)), (1, 8), np.dtype(np.uint8))


def test_no_spec_offers_it() -> None:
    """It carries neither inputs nor activations."""
    assert "huffman" not in (*CODECS.carrying(INPUT), *CODECS.carrying(ACTIVATION))
