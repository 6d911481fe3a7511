"""Where the clocks of an edge stand relative to the device's, as far as exchanges tell.

An edge read its clock after the request was sent and before the answer was there (Cristian, "Probabilistic
clock synchronization", 1989): its offset lies between two bounds. Each exchange gives such bounds, and the
offset lies within all of them; quick ones are the narrow ones. Clocks drift, so bounds that were learnt move
apart with time.
Where between them it most likely is the quickest exchange tells, as in NTP's clock filter (RFC 5905): the
middle of bounds that a queue before the worker made wide is wrong by half of the queue.
An exchange that contradicts them shows that the clock was set, stopped or cloned: all is learnt anew from it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from edgent.core.edge_clock import NO_CLOCK
from edgent.core.stay import SentAt

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.core.stay import Stay

_LOG = logging.getLogger(__name__)
_DRIFT = 1e-3
"""Seconds a second: NTP slews a clock by 500 ppm at most, and there are two."""
_USUAL_DRIFT = 5e-5
"""What two quartzes usually come to: so much is an earlier, quicker exchange worth less than a later one."""
_RESOLUTION_S = 2e-6  # of the edge's microseconds
_MOST_CLOCKS = 16


@dataclass(frozen=True)
class Offset:
    """The edge's clock less the device's, in seconds.

    Attributes:
        low_s, high_s: it lies between these.
        likely_s: what it most likely is, between them.
        told_within_s: by how much the exchange that told that may be wrong.
    """

    low_s: float
    high_s: float
    likely_s: float
    told_within_s: float

    @classmethod
    def between(cls, low_s: float, high_s: float) -> Offset:
        """What one exchange tells: the middle, in doubt."""
        return cls(low_s, high_s, (low_s + high_s) / 2, (high_s - low_s) / 2)

    def after(self, seconds: float) -> Offset:
        """The bounds so many seconds later, when both clocks may have drifted apart."""
        drift_s, usual_s = (rate * max(seconds, 0.0) for rate in (_DRIFT, _USUAL_DRIFT))
        return Offset(
            self.low_s - drift_s, self.high_s + drift_s, self.likely_s, self.told_within_s + usual_s
        )

    def within(self, other: Offset) -> Offset | None:
        """What both say, by what tells most; None where they contradict each other."""
        low_s, high_s = max(self.low_s, other.low_s), min(self.high_s, other.high_s)
        if low_s > high_s:
            return None
        both = Offset.between(low_s, high_s)
        told = min(self, other, both, key=lambda offset: offset.told_within_s)
        return Offset(low_s, high_s, min(max(told.likely_s, low_s), high_s), told.told_within_s)


class EdgeClocks:
    """The clocks behind one edge's name, each by its id; requests and checks may learn them side by side.

    A request carries times of the clock that answered last: on a kept connection it is most likely asked
    again. Where another one takes it, that one sees that these are not its times, and counts from the
    request's arrival.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Know no edge's clock yet.

        Args:
            clock: the device's, monotonic seconds.
        """
        self._clock = clock
        self._lock = Lock()
        self._known: dict[bytes, tuple[Offset, float]] = {}  # and when that was learnt
        self._last = NO_CLOCK
        self._are_told = True

    @property
    def are_told(self) -> bool:
        """Whether the edge is taken to speak of times; one of an earlier edgent does not."""
        return self._are_told

    def not_told(self, who: str) -> None:
        """Take in that an edge does not speak of times; it is said once."""
        if self._are_told:
            _LOG.warning(
                "%s is of an earlier edgent and tells no times: budgets count from when its worker takes a "
                "request, so one that waited in its queue is computed in vain; build its archives again",
                who,
            )
        self._are_told = False

    def offset(self, clock: bytes | None = None) -> Offset | None:
        """Where a clock stands now; None where that is not known.

        Args:
            clock: which one; None: the one that answered last.
        """
        with self._lock:
            known = self._known.get(self._last if clock is None else clock)
        return None if known is None else known[0].after(self._clock() - known[1])

    def sent_now(self) -> SentAt | None:
        """What a request that is written now says of time; None where the edge does not understand that.

        It is when that most likely is: neither the deadline nor for how long the worker was at work since
        then depends on how long the device was idle.
        """
        if not self._are_told:
            return None
        clock, now_s = self._last, self._clock()
        offset = self.offset(clock)
        return SentAt() if offset is None else SentAt(clock, round((now_s + offset.likely_s) * 1e6))

    def learn(self, sent_s: float, received_s: float, stay: Stay) -> None:
        """Take in an exchange.

        Args:
            sent_s: before its first byte was sent, on the device's clock.
            received_s: after its last byte was received.
            stay: what the edge said of it.
        """
        began_s = stay.began_us / 1e6
        low_s, high_s = began_s + stay.held_s - received_s - _RESOLUTION_S, began_s - sent_s + _RESOLUTION_S
        seen = Offset.between(low_s, high_s).after(received_s - sent_s)
        if seen.low_s > seen.high_s:
            return  # it stayed for longer than it took: no clock that counts seconds as ours does
        with self._lock:
            believed, at_s = self._known.pop(stay.clock, (seen, received_s))
            self._last = stay.clock
            both = believed.after(received_s - at_s).within(seen)
            if both is None:
                _LOG.info("the edge's clock %s was set or stood still: it is learnt anew", stay.clock.hex())
            self._known[stay.clock] = (both or seen, received_s)
            if len(self._known) > _MOST_CLOCKS:
                del self._known[next(iter(self._known))]

    def waited_s(self, sent_s: float, stay: Stay) -> float | None:
        """Seconds that a request was on its way and in the queue; None where the clock is not known.

        Args:
            sent_s: when it was sent, on the device's clock.
            stay: what the edge said of it.
        """
        offset = self.offset(stay.clock)
        return None if offset is None else max(stay.began_us / 1e6 - offset.likely_s - sent_s, 0.0)

    def came_back_s(self, received_s: float, stay: Stay) -> float | None:
        """Seconds that an answer's way back took; None where the clock is not known.

        Args:
            received_s: when it was there, on the device's clock.
            stay: what the edge said of it.
        """
        offset = self.offset(stay.clock)
        if offset is None:
            return None
        return max(received_s + offset.likely_s - stay.began_us / 1e6 - stay.held_s, 0.0)
