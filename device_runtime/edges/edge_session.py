"""One edge: its connection, its breaker, its heads, its link, and what is known of all of them.

Decoding an answer happens in the exchange's thread: nothing that an answer holds can keep a local exit from
starting. The answer of an exchange that came too late is given to nobody, but what it took is a measurement.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, wait
from functools import partial
from typing import TYPE_CHECKING, Any

from device_runtime.deadline import Deadline
from device_runtime.edges.breaker import Breaker
from device_runtime.edges.punctuality import Punctuality
from device_runtime.exchange.arrived_tensor import arrived_tensor
from device_runtime.exchange.exchange_thread import Arrival, ExchangeThread, prepared
from device_runtime.link.link import Transfer
from device_runtime.link.not_answered import came_too_late, note_refusal
from device_runtime.link.queue_time import queue_time_s
from edgent.errors import EdgeBusyError, EdgeError, EdgeTimeoutError, EdgeUnreachableError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.early_exits.edge_exits import ExitsInside
    from device_runtime.early_exits.share_watch import ShareWatch
    from device_runtime.edges.addresses import Address, Addresses
    from device_runtime.edges.head_checks import HeadChecks
    from device_runtime.edges.head_roster import HeadRoster
    from device_runtime.exchange.client import Client
    from device_runtime.exchange.exchange_thread import Exchange
    from device_runtime.link.edge_clocks import EdgeClocks
    from device_runtime.link.link_tracking import LinkTracker
    from device_runtime.link.probing import ProbeSchedule
    from edgent.core.frame_exits import ExitsToAsk
    from edgent.core.photo import Photo
    from edgent.graph.tensor import Tensor

_SHORTEST_EXCHANGE_S = 2.0
_LONGEST_EXCHANGE_S = 10.0  # once nobody waits for its answer
_EXCHANGE_PER_REQUIREMENT = 4.0
_LONGEST_WAIT_S = 3600.0


class EdgeSession:
    """Carries frames to the heads of one edge and back, and knows whether it is worth asking.

    Attributes:
        name: of the edge, in the spec; or its address.
        roster: which addresses are ready.
        tracker: follows the link; None where the plan is fixed and nothing is measured.
        punctuality: how well its answers keep to what is expected of them.
        start_error: why the edge did not answer when the session was opened; None when it did.
    """

    def __init__(
        self,
        client: Client,
        roster: HeadRoster,
        checks: HeadChecks,
        clock: Callable[[], float],
        *,
        name: str = "the edge",
        tracker: LinkTracker | None = None,
        probes: ProbeSchedule | None = None,
        start_error: str | None = None,
        shares: ShareWatch | None = None,
        clocks: EdgeClocks | None = None,
    ) -> None:
        """Take what asks the edge; nothing is sent yet.

        Args:
            client: talks to the edge.
            roster: which addresses are ready.
            checks: asks them whether they are, beside the requests.
            clock: monotonic seconds.
            name: of the edge.
            tracker: follows the link.
            probes: says when the link is to be probed.
            start_error: why the edge did not answer a moment ago: it is probed before it is asked again.
            shares: told of the exits that the edge asked, in time or not: what leaves early comes sooner.
            clocks: of the edge, which tell how long requests queued; None: nobody tells.
        """
        self.name = name
        self.roster, self.tracker = roster, tracker
        self.punctuality = Punctuality()
        self.start_error = start_error
        self._client = client
        self._checks = checks
        self._clock = clock
        self._breaker = Breaker(clock, start_error, name)
        self._exchanges = ExchangeThread(clock)
        self._probes = probes
        self._shares = shares
        self._is_awaited = False
        self._queue_s = partial(queue_time_s, clocks=clocks, tracker=tracker)

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is under way, or :meth:`collect` was not told yet what came of it."""
        return self._exchanges.under_way is not None

    @property
    def is_probing(self) -> bool:
        """Whether that exchange is a probe of the link."""
        return self._exchanges.under_way is not None and self._exchanges.under_way.address is None

    @property
    def absence(self) -> str | None:
        """Why the edge is left alone; None while it may be asked."""
        return self._breaker.absence

    def trouble(self, addresses: Addresses) -> str | None:
        """What it, or a window at these addresses, failed with or left unanswered; None: all is well."""
        if self._exchanges.unanswered is not None:
            return f"{self._exchanges.unanswered} has not answered an earlier request"
        failure = self.roster.failure_of(addresses)
        return self._breaker.trouble or (None if failure is None else f"{type(failure).__name__}: {failure}")

    @property
    def is_free(self) -> bool:
        """Whether a head may be asked, now or once an answer has come that is awaited."""
        return (not self.is_busy or self._is_awaited) and not self._breaker.is_open

    @property
    def under_way(self) -> Future[Arrival] | None:
        """The exchange under way, to wait for beside something else."""
        return self._exchanges.under_way.future if self._exchanges.under_way else None

    def write(
        self,
        address: Address,
        tensor: np.ndarray | Photo,
        input_codec: str,
        activation_codec: str,
        budget_s: float,
        exits: ExitsToAsk | None = None,
        payload: bytes | None = None,
    ) -> bytes:
        """The frame that asks for a window, and for the exits inside it, around a payload if there is one.

        Raises:
            EdgeError: the edge is not to be asked now.
        """
        if self.is_busy:
            raise EdgeTimeoutError(
                "an earlier exchange with the edge is still under way: an answer, or a probe of the link"
            )
        if self.absence is not None:
            raise EdgeUnreachableError(
                f"the edge failed several times in a row and is left alone; at last: {self.absence}"
            )
        return self._client.write_request(
            address, tensor, input_codec, activation_codec, budget_s, exits, payload
        )

    def wait_for_probe(self, until: Deadline, unless: Future[None] | None = None) -> None:
        """Wait for the probe under way, until then and no longer.

        Args:
            until: when to stop waiting.
            unless: stop waiting once it is done: the device has as good an answer of its own.
        """
        if not self.is_probing:
            return
        awaited: list[Future[Any]] = [self.under_way] if self.under_way else []
        left_s = min(max(until.left_s(), 0.0), _LONGEST_WAIT_S)
        wait(awaited if unless is None else [*awaited, unless], left_s, FIRST_COMPLETED)
        self.collect()

    def send(
        self,
        address: Address,
        request: bytes,
        prepare: Callable[[], object],
        *,
        afterwards: Callable[[], object],
        latency_requirement_s: float,
        wait_until: Deadline,
        exits: ExitsInside | None = None,
        expected_s: float = 1.0,
    ) -> None:
        """Send a frame to an address; whoever sends takes the answer, see :meth:`answer`.

        Args:
            address: where the window is asked for.
            request: the frame.
            prepare: makes ready what takes the answer, in the exchange's thread.
            afterwards: makes ready what this answer does not need, in the same thread, behind it.
            latency_requirement_s: decides how long the exchange may go on once nobody waits for it.
            wait_until: when waiting for it will stop.
            exits: those that the edge is to ask; None: none.
            expected_s: seconds that the exchange is expected to take; see `Punctuality`.
        """
        patience_s = max(_SHORTEST_EXCHANGE_S, _EXCHANGE_PER_REQUIREMENT * latency_requirement_s)
        left_s = min(wait_until.left_s(), _LONGEST_WAIT_S)
        deadline = Deadline.after(max(min(patience_s, _LONGEST_EXCHANGE_S), left_s), self._clock)

        def exchange() -> Arrival:
            reply = self._client.exchange(address, request, deadline)
            arrived_s = self._clock()
            frame = self._client.read_reply(address, reply)
            decode_s = self._clock() - arrived_s
            prepared(address, prepare)
            return Arrival(frame, reply, decode_s, exits, self._queue_s(reply, frame))

        self._exchanges.start(address, len(request), exchange, expected_s, left_s)
        self._exchanges.then(afterwards)
        self._exchanges.is_claimed = True

    def answer(
        self,
        address: Address,
        *,
        wait_until: Deadline,
        unless: Sequence[Future[None]] = (),
        beside: Callable[[Future[Arrival]], Deadline] | None = None,
    ) -> Arrival:
        """Wait for the answer to what was sent, until then and no longer.

        Args:
            address: where it was sent.
            wait_until: when to stop waiting.
            unless: stop waiting once any is done: the device or another edge has as good an answer.
            beside: what the device does meanwhile for the next request, which may then count on this edge;
                it says until when to wait after that.

        Raises:
            EdgeTimeoutError: the answer is not there yet; the exchange goes on, and may be waited for
                again, or see :meth:`collect`.
            EdgeError: another of its kinds; the exchange has ended.
        """
        assert self.under_way is not None, "a frame was sent"
        awaited: list[Future[Any]] = [self.under_way, *unless]
        try:
            if beside is not None:
                self._is_awaited = True
                wait_until = beside(self.under_way)
            left_s = min(wait_until.left_s(), _LONGEST_WAIT_S)
            wait(awaited, left_s, FIRST_COMPLETED)
            ended = self._exchanges.take_ended()
        finally:
            self._is_awaited = False
            self.let_go()
        if ended is None and any(other.done() for other in unless):
            raise EdgeTimeoutError(f"{address} had not answered when there was as good an answer")
        if ended is None:
            raise EdgeTimeoutError(f"{address} had not answered when the local exit had to start")
        try:
            return self._outcome(ended)
        except EdgeError as error:
            self.roster.failed(address, error)
            raise

    def let_go(self) -> None:
        """Nobody takes the answer to what was sent any more: it is collected once it is there."""
        self._exchanges.is_claimed = False

    def activation(self, address: Address, arrival: Arrival, cut: Tensor) -> np.ndarray:
        """The tensor that an address answered with: what crosses at the cut, or what an exit gives.

        Raises:
            HeadRefusedError: it is another one.
        """
        try:
            tensor = arrived_tensor(address, arrival, cut)
        except HeadRefusedError as refusal:
            self.roster.failed(address, refusal)
            raise
        self.roster.answered(address)
        return tensor

    def overtaken(self, address: Address) -> Arrival | None:
        """The answer that came although nobody waited for it any more, if it has come; it counts as taken."""
        under_way = self._exchanges.under_way
        if under_way is None or self._exchanges.unanswered != address:
            return None
        if not under_way.future.done() or under_way.future.exception():
            return None
        self._exchanges.take_ended()
        arrival = self._outcome(under_way)
        return arrival if arrival.frame else None

    def collect(self) -> None:
        """Take in what came of an exchange that nobody waited for, and what addresses said, if they have."""
        for address, error in self._checks.take_said():
            self._heard(address, error)
        ended = None if self._exchanges.is_claimed else self._exchanges.take_ended()
        if ended is None:
            return
        try:
            transfer = self._outcome(ended).transfer
        except EdgeError as error:
            if ended.address is not None:
                self.roster.failed(ended.address, error)
            if not isinstance(error, EdgeTimeoutError) or not ended.sent_bytes:
                return
            transfer = Transfer(ended.sent_bytes, 0, self._clock() - ended.began_s)
        else:
            if ended.address is not None:
                self.roster.answered(ended.address)
        self.observe(transfer)

    def observe(self, transfer: Transfer) -> None:
        """Every exchange measures the link."""
        if self.tracker is not None:
            self.tracker.follow(*self.tracker.meter.observe(transfer))

    def check(self, addresses: Addresses, prepare: Callable[[], object] | None = None) -> None:
        """Ask in the background which of a window's addresses is ready; :meth:`collect` hears what they say.

        Args:
            addresses: of the window, in the order in which they are preferred.
            prepare: makes ready what a request needs here, in the same thread, once one is ready.
        """
        self._checks.start(self.roster.hopeful(addresses) or addresses, prepare)

    def _heard(self, address: Address, error: EdgeError | None) -> None:
        """What an address said of itself, or that it said nothing."""
        if error is None or isinstance(error, (EdgeBusyError, HeadRefusedError)):
            self._breaker.succeeded()  # one that says no says that the edge itself is there
        else:
            self._breaker.failed(error)
        if error is None:
            self.roster.answered(address)
        else:
            self.roster.failed(address, error)

    def probe_if_due(self, addresses: Addresses, *, is_crossed: bool = True) -> None:
        """Keep a link known that no request crosses; ask after a lost edge, and after a better address.

        Args:
            addresses: of the plan that was wanted; none where it was device-only.
            is_crossed: whether the plan was for this edge, and its request so crossed the link.
        """
        is_open = self._breaker.is_open
        if is_open and not self._breaker.probe_is_due:
            return
        if not is_open:
            self._checks.start(self.roster.better(addresses))
        elif addresses and (self.tracker is None or self._probes is None):
            self.check(addresses)
        if self.is_busy or self.tracker is None or self._probes is None:
            return
        if not addresses or not is_crossed or is_open:
            probe = self._probes.due(self.tracker.meter.link)
            if probe is not None:
                deadline = Deadline.after(_SHORTEST_EXCHANGE_S, self._clock)
                self._exchanges.start(
                    None, probe[0], lambda: Arrival(None, self._client.probe(*probe, deadline))
                )

    def abandon(self) -> None:
        """End the exchange under way: its request is answered on the device."""
        self._client.abandon()

    def close(self) -> None:
        """End what is under way, then the thread, and close the connection."""
        self._client.abandon()
        self._exchanges.close()
        self._client.close()
        self._checks.close()

    def _outcome(self, exchange: Exchange) -> Arrival:
        """What an ended exchange brought; the breaker is told.

        Raises:
            EdgeError: it brought nothing.
        """
        try:
            arrival = exchange.future.result()
        except EdgeError as error:
            if self.tracker is not None:
                note_refusal(error, self.tracker)
            # A head without a worker or of another model says that the edge itself is there.
            if isinstance(error, (EdgeBusyError, HeadRefusedError)):
                self._exchanges.then(self._client.reopen)  # TorchServe closes it with every refusal
            else:
                self._breaker.failed(error)
            raise
        except Exception as error:
            # Nobody thought of it, and it costs an exchange: a request is answered here all the same.
            self._breaker.failed(error)
            raise EdgeError(f"the exchange failed in a way of its own: {error!r}") from error
        self._breaker.succeeded()
        if exchange.address is not None:
            if self.tracker is not None:
                self.tracker.meter.refusals.observe(refused=came_too_late(exchange, arrival))
            self.punctuality.observe(exchange.expected_s, arrival.reply.exchange_s)
        if self._shares is not None:
            self._shares.came(arrival)
        return arrival
