"""What a run is counted with when it is decided whether its answer would be in time.

While nobody waits behind a request, it is the least that its window can take: the worker has nothing better
to do, so whoever may be in time is computed. While requests queue, a run whose answer is late takes the time
of another request that would have been in time. And the queue is first come, first served: under overload the
oldest request that may be in time is always next, so that nearly each of them has hardly the least left. Then
what the window's runs usually take is counted. Where that refuses everybody, nobody queues any more, and the
least counts again.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from typing import NamedTuple

_REMEMBERED_RUNS, _TELLING_RUNS = 32, 4
_USUAL = 0.9
"""So many of the latest runs took no longer than what is usual."""
_REMEMBERED_REQUESTS, _QUEUING = 16, 0.75
"""Random arrivals find a worker at work as often as it is (PASTA, Wolff, 1982): if so many of the latest
requests queued, it is at work for that share of the time."""


class Run(NamedTuple):
    """What runs that take alike have in common.

    Attributes:
        identity: of the window.
        in_pieces: whether inputs may leave at exits on the way.
        inputs: how many are run together.
    """

    identity: bytes
    in_pieces: bool
    inputs: int


class RunTimes:
    """The latest runs of one worker, and whether its latest requests queued."""

    def __init__(self) -> None:
        """Know of no runs and of no queue yet."""
        self._took_s: defaultdict[Run, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED_RUNS))
        self._queued = deque([False] * _REMEMBERED_REQUESTS, maxlen=_REMEMBERED_REQUESTS)

    def took(self, run: Run, seconds: float) -> None:
        """Take in what a run took."""
        self._took_s[run].append(seconds)

    def met(self, *, queued: bool) -> None:
        """Take in whether a request queued until the worker took it."""
        self._queued.append(queued)

    @property
    def others_wait(self) -> bool:
        """Whether requests have been queuing lately, the last one among them."""
        return self._queued[-1] and sum(self._queued) >= _QUEUING * _REMEMBERED_REQUESTS

    def counted_s(self, run: Run, least_s: float) -> float:
        """Seconds that a run is counted with.

        Args:
            run: which one.
            least_s: what it takes at the very least.
        """
        took_s = self._took_s[run] if self.others_wait and run in self._took_s else ()
        if len(took_s) < _TELLING_RUNS:
            return least_s
        return max(least_s, sorted(took_s)[math.ceil(_USUAL * len(took_s)) - 1])
