"""What a frame says of exits: which ones a device wants asked inside a window, and at which the input left.

A request holds the rule itself, so an edge never leaves by other thresholds than the device's. An exit is
named by its branch, the window from the trunk to the exit, as windows are (``edgent.core.wire``).

======  =====  ================================================================================
offset  type   field
======  =====  ================================================================================
0       u8     1: exits to ask; 2: exits that were asked
asked:
1       u8     how many exits, 1 to 16
2       u8     bytes of the measure's name, 1 to 64
3       utf-8  the measure of confidence
...     8s     for each exit, shallow to deep: identity of its branch,
        f64    and its threshold, 0 to 1
were asked:
1       u8     number of the exit at which the input left, from 0; 255: at none
2       u32    seconds of the exits that it passed by, µs
======  =====  ================================================================================
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.exit_rules.confidence import confidences
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.errors import FrameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_EXITS = 16
LONGEST_SECTION_BYTES = 512
_LONGEST_MEASURE_BYTES = 64

_ASK, _ASKED = 1, 2
_LENGTH_BYTES = 2  # of the section, in the frame
_USUAL_MEASURE_BYTES = len("largest_probability")
_HEAD = struct.Struct("<BBB")
_EXIT = struct.Struct("<8sd")
_LEFT = struct.Struct("<BBI")
_AT_NONE = 255
_LARGEST_MICROS = 2**32 - 1


def asking_bytes(exits: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Bytes that asking adds to a request, and to its answer: for plans, with the usual measure.

    Args:
        exits: how many a request asks; a frame that asks none says nothing of exits.
    """
    asks = exits > 0
    request = asks * (_LENGTH_BYTES + _HEAD.size + _USUAL_MEASURE_BYTES) + exits * _EXIT.size
    return request, asks * (_LENGTH_BYTES + _LEFT.size)


@dataclass(frozen=True)
class ExitsToAsk:
    """An exit rule for the exits inside a window.

    Attributes:
        measure: name of the measure of confidence.
        branches: identity of each exit's own layers, shallow to deep.
        thresholds: an input leaves at the first exit whose confidence is above its own, 0 to 1.
    """

    measure: str
    branches: tuple[bytes, ...]
    thresholds: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.branches) <= MOST_EXITS or len(self.branches) != len(self.thresholds):
            raise FrameError(f"{len(self.branches)} exits to ask; 1 to {MOST_EXITS}, each with a threshold")
        if len(set(self.branches)) < len(self.branches):
            raise FrameError("an exit is to be asked twice; name each once")
        if not 1 <= len(self.measure.encode()) <= _LONGEST_MEASURE_BYTES:
            raise FrameError(
                f"the measure's name has {len(self.measure.encode())} bytes; 1 to {_LONGEST_MEASURE_BYTES}"
            )
        for threshold in self.thresholds:
            if not 0 <= threshold <= 1:  # nor not a number
                raise FrameError(f"a threshold of {threshold} for an exit; it lies from 0 to 1")

    def leaves(self, number: int, answers: np.ndarray) -> npt.NDArray[np.bool_]:
        """Which inputs leave at one of the exits, given its answers. Shape (n,).

        Args:
            number: the exit's among these, from 0.
            answers: what it gives. Shape (n, classes).

        Raises:
            UnknownNameError: nobody declares the measure of confidence.
        """
        sure = confidences(CONFIDENCES[self.measure], answers)
        leaves: npt.NDArray[np.bool_] = sure > self.thresholds[number]
        return leaves

    def to_bytes(self) -> bytes:
        """The section of a request."""
        measure = self.measure.encode()
        exits = (_EXIT.pack(*exit_) for exit_ in zip(self.branches, self.thresholds, strict=True))
        return b"".join([_HEAD.pack(_ASK, len(self.branches), len(measure)), measure, *exits])


@dataclass(frozen=True)
class ExitsAsked:
    """What became of a request that asked exits.

    Attributes:
        left_at: number of the exit whose answer the frame holds, among those to ask, from 0; None: the frame
            holds what the window gives.
        asked_s: seconds of the exits that the input passed by.
    """

    left_at: int | None
    asked_s: float = 0.0

    def to_bytes(self) -> bytes:
        """The section of an answer."""
        micros = round(min(max(0.0, self.asked_s) * 1e6, _LARGEST_MICROS))
        return _LEFT.pack(_ASKED, _AT_NONE if self.left_at is None else self.left_at, micros)


def read_section(data: bytes) -> ExitsToAsk | ExitsAsked:
    """What a section says.

    Raises:
        FrameError: it is damaged, or over a cap; the message says what.
    """
    if data[:1] == bytes([_ASKED]) and len(data) == _LEFT.size:
        _, left_at, micros = _LEFT.unpack(data)
        if left_at >= MOST_EXITS and left_at != _AT_NONE:
            raise FrameError(f"left at exit number {left_at} of those asked; at most {MOST_EXITS - 1}")
        return ExitsAsked(None if left_at == _AT_NONE else left_at, micros / 1e6)
    if data[:1] != bytes([_ASK]) or len(data) < _HEAD.size:
        raise FrameError(f"{len(data)} bytes about exits that are neither a question nor an answer")
    _, exits, measure_bytes = _HEAD.unpack_from(data)
    named = _HEAD.size + measure_bytes
    if len(data) != named + exits * _EXIT.size:
        raise FrameError(f"{len(data)} bytes for {exits} exits to ask; {named + exits * _EXIT.size} it takes")
    try:
        measure = data[_HEAD.size : named].decode()
    except UnicodeDecodeError:
        raise FrameError("the measure's name is not UTF-8") from None
    asked = tuple(_EXIT.iter_unpack(data[named:]))
    return ExitsToAsk(measure, tuple(branch for branch, _ in asked), tuple(at for _, at in asked))
