"""How long the device takes to make an input of a photo's file: learnt here, for each format by itself."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from device_runtime.learning.decoding_rate import DecodingRate
from edgent.core.photo import Photo

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from edgent.planning.costs import MeanPhoto


class Preparation:
    """Decodes photos, and remembers what that takes for the work that it is."""

    def __init__(self, clock: Callable[[], float], profiled: MeanPhoto | None = None) -> None:
        """Begin with what the profile says.

        Args:
            clock: monotonic seconds.
            profiled: the profile's mean photo; None where it has none.
        """
        self._clock = clock
        self._profiled = profiled
        self._profiled_rate = profiled.prepare_s / profiled.work if profiled else None
        self._rates: dict[str, DecodingRate] = {}

    def expected_s(self, given: np.ndarray | Photo) -> float:
        """Seconds until an input's pixels are at hand, if they are wanted now."""
        if not isinstance(given, Photo) or given.is_decoded:
            return 0.0
        return self._believed(given.format) * given.work

    def times_the_mean(self, photo: Photo) -> float:
        """How many times as much work a photo is to decode as the profile's mean one; 1 where it has none."""
        return photo.work / self._profiled.work if self._profiled else 1.0

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
        rate = self._rates.setdefault(given.format, DecodingRate(self._profiled_rate))
        rate.observe(seconds / given.work)
        return seconds

    def pass_by(self, given: np.ndarray | Photo) -> None:
        """Take in an input of which nothing is decoded here, as its own file goes up."""
        if isinstance(given, Photo):
            for rate in self._rates_for(given.format):
                rate.pass_by()

    def _believed(self, of_format: str) -> float:
        """Seconds for a pixel of work; as profiled before any photo was decoded."""
        rates = self._rates_for(of_format)
        return fmean(rate.believed for rate in rates) if rates else self._profiled_rate or 0.0

    def _rates_for(self, of_format: str) -> list[DecodingRate]:
        """What is believed of a format: its own rate, or those of all others where it was not decoded yet."""
        return [self._rates[of_format]] if of_format in self._rates else [*self._rates.values()]
