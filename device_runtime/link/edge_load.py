"""How long requests queue on an edge: its load, apart from how quickly it computes and from the link."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.core.stay import Stay

_FOLLOWING = 0.3  # share of an observation that is taken over
_FORGOTTEN_S = 2.0
"""Without news what is believed of a queue halves so often: queues come and go within seconds, and an edge
that is left alone because it is busy has to be tried again."""


def queued_s(stay: Stay, waited_s: float | None, upload_s: float) -> float | None:
    """Seconds for which a request queued on the edge; None where that cannot be told.

    Its way and its queue are known together. It did not queue for longer than the worker was at work
    meanwhile, so a slow link is never taken for a queue of an edge that is idle.

    Args:
        stay: what the edge said.
        waited_s: seconds from when the request was sent until the worker took it; None where no clock tells.
        upload_s: what of that its way up is expected to take.
    """
    return None if waited_s is None else min(stay.busy_s, max(waited_s - upload_s, 0.0))


class EdgeLoad:
    """What is believed of an edge's queue; it fades, so that a busy edge is tried again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the edge to be idle until it says otherwise.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._queue_s = self._compute_s = 0.0
        self._at_s = clock()

    @property
    def queue_s(self) -> float:
        """Seconds for which the next request is expected to queue."""
        return self._queue_s * self._freshness

    @property
    def is_busy(self) -> bool:
        """Whether requests queue for longer than they are computed: the worker has no pause half of the time.

        In a queue of random arrivals and one worker that is at work for a share r of the time, requests wait
        r / (1 - r) times as long as one takes (M/M/1).
        """
        return self.queue_s > self._compute_s > 0

    def observe(self, queue_s: float, compute_s: float) -> None:
        """Take in what a request met.

        Args:
            queue_s: seconds for which it queued.
            compute_s: seconds for which it was computed; 0 where it was not.
        """
        rate = 1.0 - (1.0 - _FOLLOWING) * self._freshness  # what is old counts less beside what is new
        self._queue_s += rate * (queue_s - self._queue_s)
        if compute_s > 0:
            rate = _FOLLOWING if self._compute_s else 1.0
            self._compute_s += rate * (compute_s - self._compute_s)
        self._at_s = self._clock()

    @property
    def _freshness(self) -> float:
        """1 for what was just learnt, half of that after a while, and so on."""
        return math.exp(-math.log(2.0) * (self._clock() - self._at_s) / _FORGOTTEN_S)
