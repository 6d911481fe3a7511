"""The uint8 activation codec."""

import numpy as np
import pytest
import zstandard

from edgent.core.codecs.uint8 import Uint8Codec
from edgent.errors import FrameError

FLOAT32 = np.dtype(np.float32)


def test_sparse_activations_compress() -> None:
    """After a relu most values are zero: the payload is far below one byte an element."""
    tensor = np.maximum(np.random.default_rng(0).normal(-1, 1, (1, 64, 16, 16)), 0).astype(np.float32)
    assert len(Uint8Codec().encode(tensor)) < 0.6 * tensor.size


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    """A zstd frame that declares another size than the shape has is never decompressed."""
    bomb = bytes(8) + zstandard.ZstdCompressor().compress(bytes(50_000_000))
    with pytest.raises(FrameError, match="does not hold 1000 elements"):
        Uint8Codec().decode(memoryview(bomb), (1, 1000), FLOAT32)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    """No scale can hold them: the sender hears of it."""
    with pytest.raises(FrameError, match="cannot be written as uint8"):
        Uint8Codec().encode(np.array([[0.0, value]], np.float32))


def test_scale_that_is_not_finite_is_refused() -> None:
    """A stranger's scale cannot bring NaN into a tail."""
    payload = np.array([0.0, np.inf], "<f4").tobytes() + bytes(4)
    with pytest.raises(FrameError, match="finite"):
        Uint8Codec().decode(memoryview(payload), (1, 4), FLOAT32)
