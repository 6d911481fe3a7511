"""Activations in 256 or 16 levels, one affine scale for the whole tensor, packed where that is less.

value = low + scale * level. The levels lie between the tensor's least and greatest value; in a codec with a
percentile, such as ``uint4@99.9``, between that percentile and its counterpart at the other end, 0.1, of this
very tensor: what lies beyond is clipped, and the levels in between are finer. After a relu the low end is 0.
Low and scale travel, so whoever reads needs no percentile.
"""

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgent.core.codecs.codec import ACTIVATION
from edgent.core.level_packing import pack_levels, unpack_levels
from edgent.errors import FrameError

QUANTISED_NAMES = (
    re.compile(r"u?int[0-9].*", re.DOTALL),
    (
        "write uint8 or uint4, and behind @ the percentile beyond which values are clipped, if they are, "
        "99.9 or 99.99: uint4@99.9"
    ),
)
"""What a name looks like that was meant to be one of these, and how they are written."""
_SCALE = struct.Struct("<ff")  # low, scale
_GREATEST = 1e37  # far beyond any activation; low + 255 * scale stays a float32
_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class QuantisedCodec:
    """Payload: low and scale as float32, then the packed octets: one level in each, or two of 4 bits.

    Attributes:
        number: on the wire. A device asks for an answer by it, so each percentile has its own.
        bits: of a level: 8, or 4, where the first of two elements has an octet's upper half.
        percentile: where levels end, above 50; 100: at the greatest value.
    """

    number: int
    bits: int
    percentile: float = 100.0
    carries: ClassVar[tuple[str, ...]] = (ACTIVATION,)
    lossless: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The name in a spec and in a plan."""
        return f"uint{self.bits}" + ("" if self.percentile == 100 else f"@{self.percentile:g}")

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """32-bit floats only."""
        return dtype == np.float32

    def encode(self, tensor: np.ndarray) -> bytes:
        """Each element as the nearest level.

        Raises:
            FrameError: the tensor holds a value that is not finite, or beyond 1e37.
        """
        if tensor.size == 0:
            return _SCALE.pack(0.0, 0.0)
        values, highest = tensor.ravel(), 2**self.bits - 1
        low, high = self._range(values)
        scale = np.float32((high - low) / highest)  # as the receiver sees it
        if scale == 0.0:
            levels = np.zeros(values.size, np.uint8)
        else:
            with np.errstate(over="ignore"):  # of what is clipped
                levels = np.clip(np.rint((values - np.float32(low)) / scale), 0, highest).astype(np.uint8)
        octets = levels if self.bits == 8 else _in_pairs(levels)
        return _SCALE.pack(low, scale) + pack_levels(octets.tobytes())

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor; each element that was not clipped is within half a step of what was sent."""
        count, highest = math.prod(shape), 2**self.bits - 1
        if len(payload) < _SCALE.size:
            raise FrameError(
                f"a {self.name} payload has at least {_SCALE.size} bytes, this is {len(payload)}"
            )
        low, scale = _SCALE.unpack_from(payload)
        if not (scale >= 0 and max(abs(low), abs(low + highest * scale)) <= _LARGEST_FLOAT32):
            raise FrameError(
                f"a {self.name} payload with low {low} and scale {scale}: no range of finite floats"
            )
        packed = payload[_SCALE.size :]
        levels = (
            unpack_levels(packed, count)
            if self.bits == 8
            else _out_of_pairs(unpack_levels(packed, (count + 1) // 2), count)
        )
        values = levels.astype(np.float32) * np.float32(scale) + np.float32(low)
        restored: np.ndarray = values.reshape(shape)
        return restored

    def _range(self, values: np.ndarray) -> tuple[float, float]:
        """The lowest and the highest level; where the percentiles are equal, nothing is clipped."""
        low, high = float(values.min()), float(values.max())
        if not (low >= -_GREATEST and high <= _GREATEST):  # false for NaN, too
            raise FrameError(f"an activation between {low} and {high} cannot be written as {self.name}")
        beyond = round(values.size * (100 - self.percentile) / 100)  # elements to clip at each end
        if beyond == 0:
            return low, high
        inner_low = _at_place(values, beyond, low)
        inner_high = _at_place(values, values.size - 1 - beyond, high)
        return (inner_low, inner_high) if inner_low < inner_high else (low, high)


def _at_place(values: np.ndarray, place: int, end: float) -> float:
    """The element at a place in rising order, given the least or the greatest, whichever is nearer.

    NumPy finds one place at a time ten times as fast as two, but not among elements that are all equal.
    """
    nearer = min(place, values.size - 1 - place)
    if np.count_nonzero(values == np.float32(end)) > nearer:
        return end
    return float(np.partition(values, place)[place])


def _in_pairs(levels: np.ndarray) -> np.ndarray:
    """Two levels of 4 bits in an octet; the last half is 0 where their number is odd."""
    even = np.append(levels, np.uint8(0)) if levels.size % 2 else levels
    pairs: np.ndarray = even[0::2] << 4 | even[1::2]
    return pairs


def _out_of_pairs(pairs: np.ndarray, count: int) -> np.ndarray:
    """The levels of `_in_pairs`.

    Raises:
        FrameError: the half behind the last level is not 0.
    """
    levels = np.stack((pairs >> 4, pairs & 0x0F), axis=1).ravel()
    if levels[count:].any():
        raise FrameError(f"a payload of 4 bits an element with something behind its {count} elements")
    return levels[:count]


_NUMBERS: Mapping[tuple[int, float], int] = {
    (8, 100.0): 3,
    (4, 100.0): 9,
    (8, 99.99): 10,
    (8, 99.9): 11,
    (4, 99.99): 12,
    (4, 99.9): 13,
}
QUANTISED = tuple(QuantisedCodec(number, bits, percentile) for (bits, percentile), number in _NUMBERS.items())
