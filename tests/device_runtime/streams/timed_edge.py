"""An edge that takes its time by a clock that a test moves, and a camera by the same clock."""

from __future__ import annotations

import math
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from device_runtime.exchange.edge_client import HeadReply
from device_runtime.exchange.exchange_thread import Arrival
from device_runtime.streams.newest import Frame, Newest
from device_runtime.streams.picture import Picture
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError
from tests.runtime_fixtures import FakeEdge

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline
    from device_runtime.edges.addresses import Address
    from tests.runtime_fixtures import Clock

IMAGE = np.zeros((3, 8, 8), np.uint8)


class Exchange(Future[Arrival]):
    """An exchange that has ended once its time is over.

    Attributes:
        fails: whether it ends without an answer.
    """

    def __init__(self, clock: Clock, takes_s: float, *, fails: bool) -> None:
        super().__init__()
        self.clock, self.began_s, self.ends_s = clock, clock(), clock() + takes_s
        self.fails = fails

    def done(self) -> bool:
        """By the clock."""
        return self.clock() >= self.ends_s


class TimedEdge(FakeEdge):
    """An edge that answers so many seconds after it was asked, until it fails.

    Attributes:
        takes_s: what an answer takes.
        fails_at_s: from when on it answers nothing any more, not what is under way then either.
        says_so: whether an exchange breaks then, in place of going on for ever.
    """

    def __init__(self, clock: Clock, arrival: Callable[[], Arrival], takes_s: float) -> None:
        super().__init__(clock)
        self.takes_s = takes_s
        self.fails_at_s, self.says_so = math.inf, False
        self.sent_s: list[float] = []
        self.let_go_of = 0
        self._arrival = arrival
        self._is_awaited = self._is_claimed = False

    @property
    def is_free(self) -> bool:
        """As the real one."""
        return not self.is_busy or self._is_awaited

    def send(self, address: Address, frame: bytes, prepare: Callable[[], object], **options: Any) -> None:
        """Begin an exchange."""
        assert self.under_way is None, "one at a time"
        super().send(address, frame, prepare, **options)
        now_s, takes_s = self.clock(), self.takes_s
        fails = now_s + takes_s > self.fails_at_s
        if fails:
            takes_s = max(self.fails_at_s - now_s, 0.0) if self.says_so else math.inf
        self.under_way, self._is_claimed = Exchange(self.clock, takes_s, fails=fails), True
        self.sent_s.append(now_s)

    def answer(self, address: Address, *, wait_until: Deadline, **options: Any) -> Arrival:
        """The answer, when its time is over."""
        exchange = self.under_way
        assert isinstance(exchange, Exchange)
        if options["beside"] is not None:
            self._is_awaited = True
            wait_until = options["beside"](exchange)
            self._is_awaited = False
        self._is_claimed = False
        self.clock.now_s = max(self.clock(), min(exchange.ends_s, wait_until.at_s))
        if not exchange.done():
            raise EdgeTimeoutError("the head had not answered when the local exit had to start")
        self.under_way = None
        if exchange.fails:
            raise EdgeUnreachableError("it broke")
        reply = HeadReply(b"", self.takes_s, 300, 200, sent_s=exchange.began_s)
        return replace(self._arrival(), reply=reply, decode_s=0.0, exits=self.sent[1])

    def overtaken(self, address: Address) -> Arrival | None:
        """Nothing: what is late here never comes."""
        return None

    def collect(self) -> None:
        """What has ended, and nobody takes."""
        if self.under_way is not None and self.under_way.done() and not self._is_claimed:
            self.under_way = None

    def let_go(self) -> None:
        """Count it."""
        self.let_go_of += 1
        self._is_claimed = False


class Camera(Newest):
    """Gives so many frames, one an interval; each takes the device a while to read."""

    def __init__(self, clock: Clock, count: int, interval_s: float, read_s: float) -> None:
        super().__init__(clock)
        self.clock, self.count, self.interval_s = clock, count, interval_s
        self._read_s, self._began_s, self._next = read_s, clock(), 0

    def take(self, unless: Future[Any] | None = None, within_s: float | None = None) -> Frame | None:
        """The newest frame of now, else the next one, unless that comes too late, or none comes any more."""
        if not self.check_more():
            return None
        newest = min(math.floor((self.clock() - self._began_s) / self.interval_s + 1e-9), self.count - 1)
        if newest < self._next:
            due_s = self._began_s + self._next * self.interval_s
            ends_s = unless.ends_s if isinstance(unless, Exchange) else math.inf
            until_s = min(ends_s, math.inf if within_s is None else self.clock() + within_s)
            if until_s < due_s:
                self.clock.now_s = max(self.clock(), until_s)
                return None
            self.clock.now_s, newest = due_s, self._next
        self.dropped += newest - self._next
        self._next = newest + 1
        captured_s = self._began_s + newest * self.interval_s
        return Frame(newest, captured_s, Picture(f"frame {newest}", self._read))

    def put_back(self, frame: Frame) -> None:
        """It is the next one, if there is none newer by then."""
        self._next = frame.index

    def check_more(self) -> bool:
        """Whether frames may still come."""
        return self._next < self.count

    def _read(self) -> np.ndarray:
        self.clock.pass_s(self._read_s)
        return IMAGE
