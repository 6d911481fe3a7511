"""Seconds of work: what a training has taken without the time in which its process was stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_STEP_S = 60.0


class PausableClock:
    """Adds up steps, each up to a minute: a process that is stopped in between does not use up its time."""

    def __init__(self, elapsed_s: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Start.

        Args:
            elapsed_s: seconds of earlier runs.
            clock: seconds, monotonic.
        """
        self.elapsed_s = elapsed_s
        self._clock, self._last_s = clock, clock()

    def step(self) -> float:
        """End a step; seconds of all steps so far."""
        now_s = self._clock()
        self.elapsed_s += min(now_s - self._last_s, LONGEST_STEP_S)
        self._last_s = now_s
        return self.elapsed_s
