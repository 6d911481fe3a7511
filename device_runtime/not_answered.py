"""What a request that an edge did not answer tells of the link, and of the edge's load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_runtime.queue_time import expired_transfer
from edgent.errors import ExpiredError, QueueFullError

if TYPE_CHECKING:
    from device_runtime.link_tracking import LinkTracker
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
