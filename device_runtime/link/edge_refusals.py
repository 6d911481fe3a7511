"""How often an edge is too busy for what it is asked, so that plans on it lose by that."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLLOWING = 0.3  # share of an observation that is taken over
_FORGOTTEN_S = 10.0
"""Without news the chance halves so often: an edge that is left alone for it has to be tried again, but not
by every request. A queue comes and goes within seconds (`edge_load`), and how often one is too long lasts:
where a slow edge and a quick one are forgotten alike, requests go back to the slow one too soon
(tests/device_runtime/test_unequal_edges.py)."""


class EdgeRefusals:
    """The chance that the next request to an edge is refused or answered too late; it fades with time.

    What queued for longer than it was on its way, and expired or came too late, was so for the edge's load:
    plans count with how long requests queue in the mean, and this is how often one queues for longer. A full
    queue refuses all that come.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the edge to refuse nothing until it does.

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
        """Take in what came of a request: whether it was refused, or answered too late."""
        chance = self.chance
        self._chance, self._at_s = chance + _FOLLOWING * (refused - chance), self._clock()
