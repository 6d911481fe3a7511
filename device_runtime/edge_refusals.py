"""How often an edge refuses what it is asked because it is overloaded, so that plans on it lose by that."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLLOWING = 0.3  # share of an observation that is taken over
_FORGOTTEN_S = 2.0
"""Without news the chance halves so often: an edge that is left alone for it has to be tried again."""


class EdgeRefusals:
    """The chance that the next request to an edge is refused; it fades with time.

    A request is refused for the edge's load if its queue is full, or if it expired and queued for longer than
    it was on its way.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin with an edge that refuses nothing.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._chance, self._at_s = 0.0, clock()

    @property
    def chance(self) -> float:
        """Of the next request, 0 to 1."""
        return self._chance * math.exp(-math.log(2.0) * (self._clock() - self._at_s) / _FORGOTTEN_S)

    def observe(self, *, refused: bool) -> None:
        """Take in what came of a request."""
        chance = self.chance
        self._chance, self._at_s = chance + _FOLLOWING * (refused - chance), self._clock()
