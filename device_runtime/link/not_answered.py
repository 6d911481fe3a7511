"""What a request that an edge did not answer in time tells of the link, and of the edge's load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_runtime.link.queue_time import expired_transfer
from edgent.errors import ExpiredError, QueueFullError

if TYPE_CHECKING:
    from device_runtime.exchange.exchange_thread import Arrival, Exchange
    from device_runtime.link.link_tracking import LinkTracker
    from edgent.errors import EdgeError


def note_refusal(error: EdgeError, tracker: LinkTracker) -> None:
    """Take in why a request was not answered; most reasons tell nothing of either.

    Args:
        error: the reason.
        tracker: follows the link to that edge.
    """
    meter = tracker.meter
    if isinstance(error, ExpiredError):
        expired = expired_transfer(error, meter)
        tracker.follow(*meter.observe(expired))
        meter.refusals.observe(refused=(expired.queue_s or 0.0) > expired.seconds)
    elif isinstance(error, QueueFullError):
        meter.refusals.observe(refused=True)


def came_too_late(exchange: Exchange, arrival: Arrival) -> bool:
    """Whether an answer came too late for the edge's load: it was expected in time, and mostly queued.

    Args:
        exchange: how long it was expected to take, and for how long it was waited for.
        arrival: what it took.
    """
    is_late = exchange.expected_s <= exchange.awaited_s < arrival.reply.exchange_s
    return is_late and (arrival.queue_s or 0.0) > arrival.transfer.seconds
