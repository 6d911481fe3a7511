"""How long this device takes to decode photos of one format, for the work that they are; robustly."""

from __future__ import annotations

from statistics import median

from device_runtime.learning.run_times import RunTimes

_LATEST = 5
"""Photos whose median is believed: up to two slow ones among them do not move it, three are a change."""
_TELLING = 5  # photos from which on their own median is what is usual, and not the profile
_FORGOTTEN_AFTER = 30
"""Photos that went up as they were since the last one was decoded: then what is usual is believed again."""


class DecodingRate:
    """What the latest photos took, in seconds for each unit of `Photo.work`.

    A photo that a page fault or another program held up tells nothing of the next one. And where decoding is
    believed to be slow, photos go up as they are, so nothing is measured that could tell otherwise. After
    some of them what is usual is believed again, and the next photo that is decoded tells.
    """

    def __init__(self, profiled: float | None = None) -> None:
        """Know of no photos yet.

        Args:
            profiled: what the profile says; None where it is silent.
        """
        self._profiled = profiled
        self._measured = RunTimes()
        self._undecoded = 0

    @property
    def believed(self) -> float:
        """Seconds for each unit of work, once a photo was decoded."""
        latest = self._measured.runs_s[-_LATEST:]
        return self._usual(latest) if self._undecoded >= _FORGOTTEN_AFTER else median(latest)

    def observe(self, rate: float) -> None:
        """Take in a photo that was decoded."""
        self._measured.observe(rate)
        self._undecoded = 0

    def pass_by(self) -> None:
        """Take in a photo that was not decoded here."""
        self._undecoded += 1

    def _usual(self, latest: tuple[float, ...]) -> float:
        """The median of two hundred photos; the profile's before some were seen."""
        if len(latest) < _TELLING and self._profiled is not None:
            return self._profiled
        return self._measured.typical_s
