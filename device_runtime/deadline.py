"""One budget for a whole request: everything that is done for it spends from here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Deadline:
    """A moment on a monotonic clock.

    Attributes:
        at_s: the moment, on the clock's scale.
        clock: monotonic seconds.
    """

    at_s: float
    clock: Callable[[], float] = time.perf_counter

    @classmethod
    def after(cls, budget_s: float, clock: Callable[[], float] = time.perf_counter) -> Deadline:
        """The deadline that lies ``budget_s`` seconds ahead."""
        return cls(clock() + budget_s, clock)

    def left_s(self) -> float:
        """Seconds left; 0 when it has passed."""
        return max(self.at_s - self.clock(), 0.0)
