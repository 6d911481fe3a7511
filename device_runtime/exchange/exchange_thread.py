"""One exchange with the edge at a time, in a thread of its own, so that a request can stop waiting for it.

An exchange that nobody waits for any more goes on. Until its outcome was collected, the edge counts as busy.
"""

from __future__ import annotations

import logging
import math
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.link.link import Transfer
from device_runtime.timeline import Timeline
from edgent.core.frame_exits import ExitsAsked
from edgent.errors import EdgeError, EdgentError
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.early_exits.edge_exits import ExitsInside
    from device_runtime.edges.addresses import Address
    from device_runtime.exchange.edge_client import HeadReply
    from edgent.core.wire import Frame
    from edgent.graph.exit_path import ExitPath

_LOG = logging.getLogger(__name__)
_CLOSING_S = 1.0


@dataclass(frozen=True)
class Arrival:
    """What an exchange brought.

    Attributes:
        frame: the head's answer; None for a probe.
        reply: what it took.
        decode_s: from its last byte to the frame.
        exits: those that the edge was to ask; None: none.
        queue_s: seconds for which the request queued on the edge; None: nothing is known of it.
    """

    frame: Frame | None
    reply: HeadReply
    decode_s: float = 0.0
    exits: ExitsInside | None = None
    queue_s: float | None = None

    @property
    def asked(self) -> ExitsAsked | None:
        """What became of the exits that the edge was to ask; None where it asked none."""
        said = None if self.frame is None else self.frame.exits
        return said if isinstance(said, ExitsAsked) and self.exits is not None else None

    @property
    def passed(self) -> tuple[str, ...]:
        """The exits that the edge asked, the one at which the input leaves among them."""
        if self.exits is None or self.asked is None:
            return ()
        left_at = self.asked.left_at
        return self.exits.names if left_at is None else self.exits.names[: left_at + 1]

    @property
    def asked_s(self) -> float:
        """Seconds of the exits that the edge asked and that the input passed by."""
        return 0.0 if self.asked is None else self.asked.asked_s

    @property
    def left_at(self) -> ExitPath | None:
        """The exit inside the window whose answer this is; None where it is what the window gives."""
        if self.exits is None or self.asked is None or self.asked.left_at is None:
            return None
        return self.exits.paths[self.asked.left_at]

    @property
    def transfer(self) -> Transfer:
        """The exchange without the time in the edge's queue and the head's compute time."""
        computed_s = self.frame.seconds if self.frame else 0.0
        reply = self.reply
        return Transfer(
            reply.sent_bytes,
            reply.received_bytes,
            reply.exchange_s - computed_s - (self.queue_s or 0.0),
            reply.trailing_bytes,
            reply.trailing_s,
            self.queue_s,
            computed_s,
        )

    def timeline(self, encode_s: float, tail_s: float = 0.0, before_s: float = 0.0) -> Timeline:
        """Where the time of the whole request went, given what the device took before and after.

        Exits that were asked and passed by are in no step, as on the device.
        """
        moved = self.transfer
        seconds = {
            Step.RUN_BEFORE: before_s,
            Step.ENCODE_UP: encode_s,
            Step.RUN_EDGE: max(moved.compute_s - self.asked_s, 0.0),
            Step.DECODE_DOWN: self.decode_s,
            Step.RUN_DEVICE: tail_s,
        }
        return Timeline(
            seconds,
            moved.seconds,
            moved.sent_bytes,
            moved.received_bytes,
            moved.trailing_bytes,
            moved.trailing_s,
            moved.queue_s,
        )


@dataclass(frozen=True)
class Exchange:
    """An exchange that is under way.

    Attributes:
        address: what was asked; None for a probe of the link.
        sent_bytes: the frame's.
        began_s: when it was sent, on the session's clock.
        future: what it will bring.
        expected_s: seconds that it was expected to take; see `device_runtime.edges.punctuality`.
        awaited_s: seconds for which its answer is waited for at most.
    """

    address: Address | None
    sent_bytes: int
    began_s: float
    future: Future[Arrival]
    expected_s: float
    awaited_s: float


class ExchangeThread:
    """Runs exchanges one after the other.

    Attributes:
        under_way: the exchange that was started and not yet taken.
        is_claimed: whether a request will take it, waiting for it now or later.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="edge")
        self.under_way: Exchange | None = None
        self.is_claimed = False

    def start(
        self,
        address: Address | None,
        sent_bytes: int,
        exchange: Callable[[], Arrival],
        expected_s: float = 1.0,
        awaited_s: float = math.inf,
    ) -> None:
        """Begin an exchange; there must be none under way."""
        future = self._thread.submit(exchange)
        self.under_way = Exchange(address, sent_bytes, self._clock(), future, expected_s, awaited_s)

    @property
    def unanswered(self) -> Address | None:
        """The address whose exchange goes on though nobody waits for it; None where there is none."""
        return None if self.under_way is None or self.is_claimed else self.under_way.address

    def then(self, work: Callable[[], object]) -> None:
        """Do something between exchanges; nobody waits for it, but the next exchange does."""
        self._thread.submit(work).add_done_callback(_tell)

    def take_ended(self) -> Exchange | None:
        """The exchange under way if it has ended, once; None while there is nothing."""
        ended = self.under_way
        if ended is None or not ended.future.done():
            return None
        self.under_way = None
        return ended

    def close(self) -> None:
        """End the thread; the exchange under way should have been abandoned before."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self.under_way is not None:
            wait([self.under_way.future], _CLOSING_S)


def _tell(done: Future[object]) -> None:
    """Log what failed that nobody waits for."""
    error = None if done.cancelled() else done.exception()
    if error is not None:
        _LOG.warning("between two exchanges with the edge: %s", error)


def prepared(address: Address, prepare: Callable[[], object]) -> None:
    """Make ready what works with an answer.

    Raises:
        EdgeError: that failed.
    """
    try:
        prepare()
    except (EdgentError, OSError) as error:
        raise EdgeError(f"{address} answered, but nothing here can work with it: {error}") from None
