"""The contract of every codec: what it is called, what it carries, and how it writes and reads a tensor."""

from collections.abc import Collection
from typing import Protocol, runtime_checkable

import numpy as np

INPUT = "input"
"""A codec carries the network's input to the edge."""

ACTIVATION = "activation"
"""A codec carries the tensor at the cut to the device."""
CODE = "code"
"""A codec carries what a feature codec's encoder makes; no spec names it."""


@runtime_checkable
class Codec(Protocol):
    """What every codec offers.

    ``decode`` is given bytes from a stranger: it never takes more memory than the shape allows, and answers
    anything odd with ``FrameError``.
    """

    @property
    def name(self) -> str:
        """The name in a spec and in a plan."""

    @property
    def number(self) -> int:
        """The byte that names it on the wire; never reused."""

    @property
    def carries(self) -> Collection[str]:
        """Where a spec may offer it: ``INPUT``, ``ACTIVATION`` or both; or ``CODE``."""

    @property
    def lossless(self) -> bool:
        """Whether ``decode(encode(x))`` is x, bit for bit."""

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Whether a tensor of this shape (with batch) and element type can be written."""

    def encode(self, tensor: np.ndarray) -> bytes:
        """The payload of a supported tensor."""

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The tensor of a payload.

        Raises:
            FrameError: the payload is not one of this codec for this shape and element type.
        """
