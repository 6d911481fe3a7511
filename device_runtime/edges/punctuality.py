"""When an answer is overdue: it has taken longer than the edge's latest ones nearly all did."""

from __future__ import annotations

import math
from collections import deque

_LATEST = 40
_FEWEST = 5
_NEARLY_ALL = 0.95


class Punctuality:
    """How many times the expected seconds an edge's latest answers took, those that came too late among them.

    Where nothing is expected, as under a fixed plan, one second is: then all requests count as alike.

    >>> punctuality = Punctuality()
    >>> for took_s in (0.010, 0.011, 0.012, 0.010, 0.015):
    ...     punctuality.observe(0.010, took_s)
    >>> round(punctuality.overdue_after_s(0.020), 6)
    0.03
    """

    def __init__(self) -> None:
        self._ratios: deque[float] = deque(maxlen=_LATEST)

    def observe(self, expected_s: float, took_s: float) -> None:
        """Take in an answer.

        Args:
            expected_s: seconds that its exchange was expected to take, above 0.
            took_s: seconds that it took.
        """
        self._ratios.append(took_s / expected_s)

    def overdue_after_s(self, expected_s: float) -> float:
        """Seconds after which an answer is overdue, as nearly all would be there; infinite if too few came.

        Args:
            expected_s: seconds that its exchange is expected to take, above 0.
        """
        if len(self._ratios) < _FEWEST:
            return math.inf
        place = min(int(_NEARLY_ALL * len(self._ratios)), len(self._ratios) - 1)
        return expected_s * sorted(self._ratios)[place]
