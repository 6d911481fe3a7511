"""One edge: its connection, its breaker, its heads, its link, and what is known of all of them.

Decoding an answer happens in the exchange's thread: nothing that an answer holds can keep a local exit from
starting. The answer of an exchange that came too late is given to nobody, but what it took is a measurement.
"""

from __future__ import annotations

import logging
from concurrent.futures import wait
from typing import TYPE_CHECKING, Protocol

from device_runtime.breaker import Breaker
from device_runtime.deadline import Deadline
from device_runtime.exchange_thread import Arrival, ExchangeThread
from device_runtime.link import Transfer
from edgent.errors import (
    EdgeBusyError,
    EdgeError,
    EdgentError,
    EdgeTimeoutError,
    EdgeUnreachableError,
    HeadRefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.edge_client import HeadReply
    from device_runtime.head_roster import HeadRoster
    from device_runtime.link_tracking import LinkTracker
    from device_runtime.probing import ProbeSchedule
    from edgent.core.wire import Frame
    from edgent.graph.tensor import Tensor

_LOG = logging.getLogger(__name__)
_SHORTEST_EXCHANGE_S = 2.0
_LONGEST_EXCHANGE_S = 10.0  # once nobody waits for its answer
_EXCHANGE_PER_REQUIREMENT = 4.0
_LONGEST_WAIT_S = 3600.0


class Client(Protocol):
    """Talks to the heads of one model, one exchange at a time."""

    def write_request(
        self, head: str, tensor: np.ndarray, input_codec: str, activation_codec: str, budget_s: float
    ) -> bytes:
        """The frame that asks a head."""

    def exchange(self, head: str, request: bytes, deadline: Deadline) -> HeadReply:
        """Send a frame to a head and wait for what comes back."""

    def read_reply(self, head: str, reply: HeadReply) -> Frame:
        """The frame that a head answered with."""

    def check_head(
        self, head: str, input_shape: tuple[int, ...], dtype: str, deadline: Deadline
    ) -> HeadReply:
        """Ask a head whether it is ready."""

    def probe(self, upload_bytes: int, download_bytes: int, deadline: Deadline) -> HeadReply:
        """Send so many bytes and have so many sent back."""

    def abandon(self) -> None:
        """End the exchange under way in another thread, and allow no other."""

    def close(self) -> None:
        """Close the connection."""


class EdgeSession:
    """Carries frames to the heads of one edge and back, and knows whether it is worth asking.

    Attributes:
        roster: which heads are ready.
        tracker: follows the link; None where the plan is fixed and nothing is measured.
        start_error: why the edge did not answer when the session was opened; None when it did.
    """

    def __init__(
        self,
        client: Client,
        roster: HeadRoster,
        clock: Callable[[], float],
        *,
        tracker: LinkTracker | None = None,
        probes: ProbeSchedule | None = None,
        source: Tensor,
        start_error: str | None = None,
    ) -> None:
        """Begin; nothing is sent yet.

        Args:
            client: talks to the edge.
            roster: which heads are ready.
            clock: monotonic seconds.
            tracker: follows the link.
            probes: says when the link is to be probed.
            source: the network's input, of which a head is asked whether it takes it.
            start_error: why the edge did not answer a moment ago: it is probed before it is asked again.
        """
        self.roster = roster
        self.tracker = tracker
        self.start_error = start_error
        self._client = client
        self._clock = clock
        self._breaker = Breaker(clock, is_open=start_error is not None)
        self._failure = start_error
        self._exchanges = ExchangeThread(clock)
        self._probes = probes
        self._source = source

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is under way, or :meth:`collect` was not told yet what came of it."""
        return self._exchanges.under_way is not None

    @property
    def absence(self) -> str | None:
        """Why the edge is left alone; None while it may be asked."""
        return self._failure if self._breaker.is_open else None

    @property
    def is_free(self) -> bool:
        """Whether a head may be asked now."""
        return not self.is_busy and not self._breaker.is_open

    @property
    def under_way(self) -> Future[Arrival] | None:
        """The exchange under way, to wait for beside something else."""
        return self._exchanges.under_way.future if self._exchanges.under_way else None

    def write(
        self, head: str, tensor: np.ndarray, input_codec: str, activation_codec: str, budget_s: float
    ) -> bytes:
        """The frame that asks a head.

        Raises:
            EdgeError: the edge is not to be asked now.
        """
        if self.is_busy:
            raise EdgeTimeoutError(
                "an earlier exchange with the edge is still under way: an answer, or a probe of the link"
            )
        if self._breaker.is_open:
            raise EdgeUnreachableError(
                f"the edge failed several times in a row and is left alone; at last: {self._failure}"
            )
        return self._client.write_request(head, tensor, input_codec, activation_codec, budget_s)

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
            reply = self._client.exchange(head, request, deadline)
            arrived_s = self._clock()
            frame = self._client.read_reply(head, reply)
            decode_s = self._clock() - arrived_s
            _prepared(head, prepare)
            return Arrival(frame, reply, decode_s)

        wait([self._exchanges.start(head, len(request), exchange)], left_s)
        ended = self._exchanges.take_ended()
        if ended is None:
            raise EdgeTimeoutError(f"{head} had not answered when the local exit had to start")
        try:
            return self._outcome(ended.future)
        except EdgeError as error:
            self.roster.failed(head, error)
            raise

    def activation(self, head: str, arrival: Arrival, cut: Tensor) -> np.ndarray:
        """The tensor that a head answered with, shape (1, *shape of the cut).

        Raises:
            HeadRefusedError: it is another one than crosses there.
        """
        assert arrival.frame is not None, "a head answers with a frame"
        activation = arrival.frame.tensor
        if activation.shape != (1, *cut.shape) or activation.dtype != cut.dtype:
            refusal = HeadRefusedError(
                f"{head} answered with {activation.dtype} of shape {activation.shape}, "
                f"the tail takes {cut.dtype} of shape {(1, *cut.shape)}"
            )
            self.roster.failed(head, refusal)
            raise refusal
        self.roster.answered(head)
        return activation

    def overtaken(self, head: str) -> Arrival | None:
        """The answer that came although nobody waited for it any more, if it has come; it counts as taken."""
        under_way = self._exchanges.under_way
        if under_way is None or under_way.head != head:
            return None
        if not under_way.future.done() or under_way.future.exception():
            return None
        self._exchanges.take_ended()
        arrival = self._outcome(under_way.future)
        return arrival if arrival.frame else None

    def collect(self) -> None:
        """Take in what came of an exchange that nobody waited for, if it has ended."""
        ended = self._exchanges.take_ended()
        if ended is None:
            return
        try:
            transfer = self._outcome(ended.future).transfer
        except EdgeError as error:
            if ended.head is not None:
                self.roster.failed(ended.head, error)
            if not isinstance(error, EdgeTimeoutError) or not ended.sent_bytes:
                return
            transfer = Transfer(ended.sent_bytes, 0, self._clock() - ended.began_s)
        else:
            if ended.head is not None:
                self.roster.answered(ended.head)
        self.observe(transfer)

    def observe(self, transfer: Transfer) -> None:
        """Every exchange measures the link."""
        if self.tracker is not None:
            self.tracker.follow(*self.tracker.meter.observe(transfer))

    def check(self, head: str, prepare: Callable[[], object] | None = None) -> None:
        """Ask a head in the background whether it is ready; :meth:`collect` hears what it says.

        Args:
            head: the head.
            prepare: makes ready what a request to it needs here, in the same thread, once it answered.
        """
        deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
        shape, dtype = self._source.shape, self._source.dtype

        def exchange() -> Arrival:
            arrival = Arrival(None, self._client.check_head(head, shape, dtype, deadline))
            if prepare is not None:
                _prepared(head, prepare)
            return arrival

        self._exchanges.start(head, 0, exchange)

    def probe_if_due(self, head: str | None) -> None:
        """Keep a link known that no request crosses, and ask after an edge that was given up.

        Args:
            head: of the plan that was wanted; None where it was device-only.
        """
        is_open = self._breaker.is_open
        if self.is_busy or (is_open and not self._breaker.probe_is_due):
            return
        if self.tracker is None or self._probes is None:
            if is_open and head is not None:
                self.check(head)
            return
        if head is None or is_open:
            size_bytes = self._probes.due_bytes(self.tracker.meter.link.upload_bps)
            if size_bytes:
                deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
                self._exchanges.start(
                    None, size_bytes, lambda: Arrival(None, self._client.probe(size_bytes, 0, deadline))
                )

    def abandon(self) -> None:
        """End the exchange under way: its request is answered on the device."""
        self._client.abandon()

    def close(self) -> None:
        """End what is under way, then the thread, and close the connection."""
        self._client.abandon()
        self._exchanges.close()
        self._client.close()

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
                self._failed(error)
            raise
        except Exception as error:
            # Nobody thought of it, and it costs an exchange: a request is answered here all the same.
            self._failed(error)
            raise EdgeError(f"the exchange failed in a way of its own: {error!r}") from error
        if self._breaker.is_open:
            _LOG.info("the edge answers again")
        self._breaker.succeeded()
        return arrival

    def _failed(self, error: Exception) -> None:
        was_open = self._breaker.is_open
        self._breaker.failed()
        self._failure = f"{type(error).__name__}: {error}"
        if self._breaker.is_open and not was_open:
            _LOG.info("the edge is left alone: %s", self._failure)


def _prepared(head: str, prepare: Callable[[], object]) -> None:
    """Make ready what works with a head.

    Raises:
        EdgeError: that failed.
    """
    try:
        prepare()
    except (EdgentError, OSError) as error:
        raise EdgeError(f"{head} answered, but nothing here can work with it: {error}") from None
