"""The way to the edge: one exchange at a time in a thread of its own, so that a request can stop waiting.

An exchange that is late goes on in the background. Until it ends, the edge counts as busy; its answer is
never given to anybody, but what it took is a measurement. Decoding happens in that thread, too: nothing that
an answer holds can keep a local exit from starting.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.answer import Timeline
from device_runtime.breaker import Breaker
from device_runtime.deadline import Deadline
from device_runtime.link import Transfer
from edgent.errors import EdgeBusyError, EdgeError, EdgentError, EdgeTimeoutError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.edge_client import EdgeClient, HeadReply
    from edgent.core.wire import Frame

_SHORTEST_EXCHANGE_S = 2.0
_LONGEST_EXCHANGE_S = 10.0  # once nobody waits for its answer
_EXCHANGE_PER_REQUIREMENT = 4.0
_LONGEST_WAIT_S = 3600.0
_CLOSING_S = 1.0


@dataclass(frozen=True)
class Arrival:
    """What an exchange brought.

    Attributes:
        frame: the head's answer; None for a probe.
        reply: what it took.
        decode_s: from its last byte to the frame.
    """

    frame: Frame | None
    reply: HeadReply
    decode_s: float = 0.0

    @property
    def transfer(self) -> Transfer:
        """The exchange without the head's compute time."""
        computed_s = self.frame.seconds if self.frame else 0.0
        return Transfer(self.reply.sent_bytes, self.reply.received_bytes, self.reply.exchange_s - computed_s)

    def timeline(self, encode_s: float, tail_s: float = 0.0) -> Timeline:
        """Where the time of the whole request went, given what the device took before and after."""
        moved = self.transfer
        return Timeline(
            encode_s=encode_s,
            network_s=moved.seconds,
            edge_s=self.reply.exchange_s - moved.seconds,
            decode_s=self.decode_s,
            tail_s=tail_s,
            sent_bytes=moved.sent_bytes,
            received_bytes=moved.received_bytes,
        )


@dataclass(frozen=True)
class _Errand:
    """An exchange that is under way."""

    what: str
    sent_bytes: int
    began_s: float
    future: Future[Arrival]


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
    def under_way(self) -> Future[Arrival] | None:
        """The exchange under way, to wait for beside something else."""
        return self._under_way.future if self._under_way else None

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is under way, or :meth:`collect` was not told yet what came of it."""
        return self._under_way is not None

    def ask(
        self,
        head: str,
        request: bytes,
        prepare: Callable[[], object],
        *,
        latency_requirement_s: float,
        wait_until: Deadline,
    ) -> Arrival:
        """Send a frame to a head and wait for its answer, until then and no longer.

        Args:
            head: the head.
            request: the frame.
            prepare: makes ready what takes the answer, in the exchange's thread.
            latency_requirement_s: decides how long the exchange may go on once nobody waits for it.
            wait_until: when to stop waiting.

        Raises:
            EdgeTimeoutError: the answer is not there yet; the exchange goes on, see :meth:`collect`.
            EdgeError: another of its kinds; the exchange has ended.
        """
        left_s = min(wait_until.left_s(), _LONGEST_WAIT_S)
        patience_s = max(_SHORTEST_EXCHANGE_S, _EXCHANGE_PER_REQUIREMENT * latency_requirement_s)
        deadline = Deadline.after(max(min(patience_s, _LONGEST_EXCHANGE_S), left_s), self._clock)

        def exchange() -> Arrival:
            reply = self.client.exchange(head, request, deadline)
            arrived_s = self._clock()
            frame = self.client.read_reply(head, reply)
            decode_s = self._clock() - arrived_s
            try:
                prepare()
            except (EdgentError, OSError) as error:
                raise EdgeError(f"{head} answered, but nothing here can take its answer: {error}") from None
            return Arrival(frame, reply, decode_s)

        future = self._send(head, len(request), exchange)
        wait([future], left_s)
        if not future.done():
            raise EdgeTimeoutError(f"{head} had not answered when the local exit had to start")
        self._under_way = None
        return self._outcome(future)

    def probe(self, upload_bytes: int, download_bytes: int) -> None:
        """Send a probe in the background; :meth:`collect` tells what came of it."""
        deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
        self._send(
            "", upload_bytes, lambda: Arrival(None, self.client.probe(upload_bytes, download_bytes, deadline))
        )

    def check(self, head: str, input_shape: tuple[int, ...], dtype: str) -> None:
        """Ask a head in the background whether it is ready; :meth:`collect` tells what it said."""
        deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
        self._send(head, 0, lambda: Arrival(None, self.client.check_head(head, input_shape, dtype, deadline)))

    def collect(self) -> Returned | None:
        """What came of an exchange that nobody waited for, once; None while there is nothing."""
        errand = self._under_way
        if errand is None or not errand.future.done():
            return None
        self._under_way = None
        try:
            return Returned(errand.what, self._outcome(errand.future).transfer, None)
        except EdgeError as error:
            lost = None
            if isinstance(error, EdgeTimeoutError) and errand.sent_bytes:
                lost = Transfer(errand.sent_bytes, 0, self._clock() - errand.began_s)
            return Returned(errand.what, lost, error)

    def overtaken(self, head: str) -> Arrival | None:
        """The answer that came although nobody waited for it any more, if it has come; it counts as taken."""
        errand = self._under_way
        if errand is None or errand.what != head or not errand.future.done() or errand.future.exception():
            return None
        self._under_way = None
        arrival = self._outcome(errand.future)
        return arrival if arrival.frame else None

    def close(self) -> None:
        """End what is under way, then the thread, and close the connection."""
        self.client.abandon()
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._under_way is not None:
            wait([self._under_way.future], _CLOSING_S)
        self.client.close()

    def _send(self, what: str, sent_bytes: int, exchange: Callable[[], Arrival]) -> Future[Arrival]:
        future = self._thread.submit(exchange)
        self._under_way = _Errand(what, sent_bytes, self._clock(), future)
        return future

    def _outcome(self, future: Future[Arrival]) -> Arrival:
        """What an ended exchange brought; the breaker is told.

        Raises:
            EdgeError: it brought nothing.
        """
        try:
            arrival = future.result()
        except EdgeError as error:
            # A head without a worker or of another model says that the edge itself is there.
            if not isinstance(error, (EdgeBusyError, HeadRefusedError)):
                self.breaker.failed()
            raise
        except Exception as error:
            # Nobody thought of it, and it costs an exchange: a request is answered here all the same.
            self.breaker.failed()
            raise EdgeError(f"the exchange failed in a way of its own: {error!r}") from error
        self.breaker.succeeded()
        return arrival
