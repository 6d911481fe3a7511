"""How long something takes on this device now: its latest runs, and the times that they keep to."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from threading import Lock

_REMEMBERED_RUNS = 200
_SPREAD = 0.99


class RunTimes:
    """The latest runs of one thing, which several threads may run: a climb that ends beside the next request.

    Attributes:
        typical_s: half of the runs kept to it.
        high_s: 99 % of the runs kept to it; of fewer than a hundred runs all but the longest.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: deque[float] = deque()
        self._ascending: list[float] = []
        self.typical_s = self.high_s = 0.0

    @property
    def runs_s(self) -> tuple[float, ...]:
        """Seconds of the latest runs, the earliest first."""
        with self._lock:
            return tuple(self._runs)

    def observe(self, seconds: float) -> None:
        """Take in one run."""
        with self._lock:
            ascending = self._ascending
            if len(self._runs) == _REMEMBERED_RUNS:
                del ascending[bisect_left(ascending, self._runs.popleft())]
            self._runs.append(seconds)
            insort(ascending, seconds)
            self.typical_s = ascending[len(ascending) // 2]
            self.high_s = ascending[int(_SPREAD * (len(ascending) - 1))]
