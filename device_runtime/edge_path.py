"""The way to the edge: one exchange at a time in a thread of its own, so that a request can stop waiting.

An exchange that is late goes on in the background. Until it ends, the edge counts as busy; its answer is
never given to anybody, but what it took is a measurement.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.breaker import Breaker
from device_runtime.deadline import Deadline
from device_runtime.link import Transfer
from edgent.errors import EdgeBusyError, EdgeError, EdgeTimeoutError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.edge_client import EdgeClient, HeadReply
    from edgent.core.wire import Frame

_LONGEST_EXCHANGE_S = 10.0
_EXCHANGE_PER_REQUIREMENT = 4.0
_SHORTEST_EXCHANGE_S = 2.0


@dataclass(frozen=True)
class _Errand:
    """An exchange that is under way."""

    what: str
    sent_bytes: int
    began_s: float
    future: Future[HeadReply]


@dataclass(frozen=True)
class Returned:
    """An exchange that ended after its request had stopped waiting for it.

    Attributes:
        what: the head; empty for a probe.
        transfer: what it took, the head's compute time left out; None when that is not known.
        error: why it failed; None when it did not.
    """

    what: str
    transfer: Transfer | None
    error: EdgeError | None


class EdgePath:
    """Carries frames to the edge and back, and knows whether the edge is worth asking."""

    def __init__(self, client: EdgeClient, clock: Callable[[], float], *, gone: bool = False) -> None:
        """Nothing is sent yet.

        Args:
            client: talks to the edge.
            clock: monotonic seconds.
            gone: whether the edge did not answer a moment ago, so that it is probed before it is asked.
        """
        self.client = client
        self.breaker = Breaker(clock, is_open=gone)
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="edge")
        self._under_way: _Errand | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is under way."""
        return self._under_way is not None and not self._under_way.future.done()

    def ask(
        self, head: str, request: bytes, *, latency_requirement_s: float, wait_until: Deadline
    ) -> tuple[Frame, HeadReply]:
        """Send a frame to a head and wait for its answer, until then and no longer.

        Args:
            head: the head.
            request: the frame.
            latency_requirement_s: decides how long the exchange may go on once nobody waits for it.
            wait_until: when to stop waiting.

        Raises:
            EdgeTimeoutError: the answer is not there yet; the exchange goes on, see :meth:`collect`.
            EdgeError: another of its kinds; the exchange has ended.
        """
        patience_s = max(_SHORTEST_EXCHANGE_S, _EXCHANGE_PER_REQUIREMENT * latency_requirement_s)
        errand = self._send(
            head,
            len(request),
            lambda: self.client.exchange(
                head, request, Deadline.after(min(patience_s, _LONGEST_EXCHANGE_S), self._clock)
            ),
        )
        try:
            reply = errand.future.result(wait_until.left_s())
        except NotYet:
            if not errand.future.done():
                raise EdgeTimeoutError(f"{head} had not answered when the local exit had to start") from None
        except EdgeError as error:
            self._under_way = None
            self._note(error)
            raise
        self._under_way = None
        reply = errand.future.result()
        try:
            frame = self.client.read_reply(head, reply)
        except HeadRefusedError as error:
            self._note(error)
            raise
        self.breaker.succeeded()
        return frame, reply

    def probe(self, upload_bytes: int, download_bytes: int) -> None:
        """Send a probe in the background; :meth:`collect` tells what came of it."""
        deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
        self._send("", upload_bytes, lambda: self.client.probe(upload_bytes, download_bytes, deadline))

    def check(self, head: str, input_shape: tuple[int, ...], dtype: str) -> None:
        """Ask a head in the background whether it is ready; :meth:`collect` tells what it said."""
        deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
        self._send(head, 0, lambda: self.client.check_head(head, input_shape, dtype, deadline))

    def collect(self) -> Returned | None:
        """What came of an exchange that nobody waited for, once; None while there is nothing."""
        errand = self._under_way
        if errand is None or not errand.future.done():
            return None
        self._under_way = None
        try:
            reply = errand.future.result()
            computed_s = self.client.read_reply(errand.what, reply).seconds if errand.what else 0.0
        except EdgeError as error:
            self._note(error)
            lost = None
            if isinstance(error, EdgeTimeoutError) and errand.sent_bytes:
                lost = Transfer(errand.sent_bytes, 0, self._clock() - errand.began_s)
            return Returned(errand.what, lost, error)
        self.breaker.succeeded()
        took = Transfer(reply.sent_bytes, reply.received_bytes, reply.exchange_s - computed_s)
        return Returned(errand.what, took, None)

    def close(self) -> None:
        """Close the connection and end the thread."""
        self.client.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _send(self, what: str, sent_bytes: int, exchange: Callable[[], HeadReply]) -> _Errand:
        self._under_way = _Errand(what, sent_bytes, self._clock(), self._thread.submit(exchange))
        return self._under_way

    def _note(self, error: EdgeError) -> None:
        # A head without a worker or of another model says that the edge itself is there.
        if not isinstance(error, (EdgeBusyError, HeadRefusedError)):
            self.breaker.failed()
