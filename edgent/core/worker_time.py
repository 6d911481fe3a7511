"""When a worker takes requests and gives their answers, on the edge's clock, and how busy that keeps it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.edge_clock import CLOCK, monotonic_us
from edgent.core.run_times import RunTimes
from edgent.core.stay import SentAt, Stay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgent.core.wire import Frame

_TURNAROUND_US = 10_000
"""TorchServe on a busy machine takes so long to send answers and to hand over requests that wait."""
_PAUSE_US = 1_000_000
"""What came before such a pause kept nobody waiting who asks behind it."""
_REMEMBERED = 256

Spell = tuple[int, int]
"""When the worker took a batch, and when it gave its answers, microseconds."""


@dataclass(frozen=True)
class Taken:
    """A batch that TorchServe handed over.

    Attributes:
        clock: which clock this is on.
        now_us: reads it, microseconds.
        at_us: when it was handed over, microseconds.
        spells: when the worker was at work before.
    """

    clock: bytes
    now_us: Callable[[], int]
    at_us: int
    spells: Sequence[Spell]

    def until_us(self, frame: Frame) -> float:
        """When nobody waits for a request's answer any more; infinite where it names no time.

        A budget is counted from when the request was written if that is told on this very clock, else from
        now.
        """
        if frame.seconds <= 0:
            return math.inf
        return self._written_us(frame) + frame.seconds * 1e6

    def waited_us(self, frame: Frame) -> float:
        """For how long a request was on its way and in the queue, at least; 0 where that cannot be told."""
        return max(self.at_us - self._written_us(frame), 0)

    def queued(self, frame: Frame) -> bool:
        """Whether a request is known to have waited for the worker.

        It was written before the last answers went back, and taken right behind them.
        """
        if not self.spells or not self._is_told(frame):
            return False
        gave_us = self.spells[-1][1]
        return self._written_us(frame) <= gave_us and self.at_us - gave_us <= _TURNAROUND_US

    def _is_told(self, frame: Frame) -> bool:
        """Whether a request says on this very clock when it was written."""
        return isinstance(frame.times, SentAt) and frame.times.clock == self.clock

    def _written_us(self, frame: Frame) -> int:
        return frame.times.at_us if isinstance(frame.times, SentAt) and self._is_told(frame) else self.at_us

    def busy_us(self, frame: Frame | None) -> int:
        """For how long the worker was at work since a request was written, and between two batches.

        The request cannot have queued for longer.

        Args:
            frame: the request; None, as one of which nobody knows when it was written: since the last pause.
        """
        since_us = self._written_us(frame) if frame is not None and self._is_told(frame) else -math.inf
        busy_us, until_us = 0.0, self.at_us
        for took_us, gave_us in reversed(self.spells):
            if gave_us <= since_us or until_us - gave_us > _PAUSE_US:
                break
            busy_us += min(until_us - gave_us, _TURNAROUND_US) + gave_us - max(took_us, since_us)
            until_us = took_us
        return round(busy_us)

    def queued_us(self, frame: Frame) -> float:
        """For how long a request was in the queue, at most; 0 where that cannot be told."""
        waited_us = self.waited_us(frame)
        return min(self.busy_us(frame), waited_us) if waited_us else 0.0

    def stay(self, frame: Frame | None = None, others_s: float = 0.0) -> Stay:
        """What the answer that is written now says of its request's stay.

        Args:
            frame: the request; None: nobody knows when it was written.
            others_s: seconds that others of the batch took.
        """
        began_us = self.at_us + round(others_s * 1e6)
        held_s = max(self.now_us() - began_us, 0) / 1e6
        return Stay(self.clock, began_us, held_s, self.busy_us(frame) / 1e6 + others_s)


class WorkerTime:
    """Follows one worker: what it takes may have waited in TorchServe's queue while it was at work before.

    Attributes:
        run_times: what its runs take.
    """

    def __init__(self, now_us: Callable[[], int] = monotonic_us, clock: bytes = CLOCK) -> None:
        """Take the worker to be idle.

        Args:
            now_us: reads the clock, microseconds.
            clock: names it.
        """
        self._now_us, self._clock = now_us, clock
        self._spells: deque[Spell] = deque(maxlen=_REMEMBERED)
        self._took_us = now_us()
        self.run_times = RunTimes()

    def take(self) -> Taken:
        """Some requests were handed over now."""
        self._took_us = self._now_us()
        return Taken(self._clock, self._now_us, self._took_us, self._spells)

    def give(self) -> None:
        """Their answers go back now."""
        self._spells.append((self._took_us, self._now_us()))
