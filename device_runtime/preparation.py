"""How long the device takes to make an input of a photo's file: so many seconds a byte, as learnt here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.photo import Photo

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

_WEIGHT = 0.3  # of the latest photo


class Preparation:
    """Decodes photos, and remembers what that takes."""

    def __init__(self, clock: Callable[[], float], seconds_per_byte: float = 0.0) -> None:
        """Begin with what the profile says.

        Args:
            clock: monotonic seconds.
            seconds_per_byte: 0 where nothing is known yet.
        """
        self._clock = clock
        self._seconds_per_byte = seconds_per_byte
        self._is_known = seconds_per_byte > 0

    def expected_s(self, given: np.ndarray | Photo) -> float:
        """Seconds until an input's pixels are at hand, if they are wanted now."""
        if not isinstance(given, Photo) or given.is_decoded:
            return 0.0
        return self._seconds_per_byte * len(given.content)

    def prepare(self, given: np.ndarray | Photo) -> float:
        """Make an input of a photo, if that was not done yet.

        Returns:
            Seconds that it took.

        Raises:
            InputError: the photo holds no picture, or none that the network takes.
        """
        if not isinstance(given, Photo) or given.is_decoded:
            return 0.0
        began_s = self._clock()
        _ = given.tensor
        seconds = self._clock() - began_s
        weight = _WEIGHT if self._is_known else 1.0
        self._seconds_per_byte += weight * (seconds / len(given.content) - self._seconds_per_byte)
        self._is_known = True
        return seconds
