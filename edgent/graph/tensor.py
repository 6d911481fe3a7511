"""A tensor that can cross a cut."""

from dataclasses import dataclass
from math import prod

ITEM_BYTES = {
    "uint8": 1,
    "int8": 1,
    "bool": 1,
    "float16": 2,
    "int32": 4,
    "float32": 4,
    "int64": 8,
    "float64": 8,
    "uint16": 2,
    "int16": 2,
    "uint32": 4,
    "uint64": 8,
}
"""Bytes of an element, by the dtype's name in NumPy."""


@dataclass(frozen=True)
class Tensor:
    """A tensor's name in the graph, its shape without the batch, and its dtype as NumPy names it."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size_bytes(self) -> int:
        """Bytes of one sample, as it lies in memory."""
        return prod(self.shape) * ITEM_BYTES[self.dtype]
