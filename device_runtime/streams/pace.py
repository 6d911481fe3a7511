"""How soon the next frame may be begun with: caps on frames per second and on the share of computing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """Keeps a device from working all the time."""

    def __init__(self, clock: Callable[[], float], duty: float = 1.0, fps: float | None = None) -> None:
        """Let the first frame go at once.

        Args:
            clock: monotonic seconds.
            duty: the share of time that the device computes at most; more than 0, at most 1.
            fps: frames per second at most; None: no cap.
        """
        self._clock = clock
        self._duty = duty
        self._interval_s = 1.0 / fps if fps else 0.0
        self._rested_s = self._due_s = clock()

    def wait_s(self) -> float:
        """Seconds until the next frame may be begun with."""
        return max(max(self._rested_s, self._due_s) - self._clock(), 0.0)

    def begun(self) -> None:
        """Take in that a frame is begun with now; less than an interval too late is made up for."""
        self._due_s = max(self._due_s + self._interval_s, self._clock())

    def computed(self, seconds: float) -> None:
        """Take in what the device computed for a frame up to now: it rests in proportion."""
        if self._duty < 1:
            self._rested_s = max(self._rested_s, self._clock() - seconds) + seconds / self._duty
