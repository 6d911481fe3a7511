"""For how long a request queued on the edge, by its clock and by what its way there is expected to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_runtime.link.edge_load import queued_s
from device_runtime.link.link import Transfer
from edgent.core.stay import Stay

if TYPE_CHECKING:
    from device_runtime.exchange.edge_client import HeadReply
    from device_runtime.link.edge_clocks import EdgeClocks
    from device_runtime.link.link import LinkMeter
    from device_runtime.link.link_tracking import LinkTracker
    from edgent.core.wire import Frame
    from edgent.errors import ExpiredError


def queue_time_s(
    reply: HeadReply, frame: Frame, clocks: EdgeClocks | None, tracker: LinkTracker | None
) -> float | None:
    """Seconds for which an answered request queued; None where nobody tells.

    Args:
        reply: what came back.
        frame: what that holds.
        clocks: of the edge.
        tracker: follows the link; None where nobody does: all of its way may then have been a queue.
    """
    if clocks is None or not isinstance(frame.times, Stay):
        return None
    upload_s = tracker.meter.upload_s(reply.sent_bytes) if tracker else 0.0
    return queued_s(frame.times, clocks.waited_s(reply.sent_s, frame.times), upload_s)


def expired_transfer(error: ExpiredError, meter: LinkMeter) -> Transfer:
    """The exchange of a request that expired: its bytes crossed the link, and nothing was computed.

    A link that collapsed shows itself by nothing else: all that is asked over it expires.

    Args:
        error: with what crossed, and how long it took.
        meter: knows what its way there is expected to take.
    """
    queue_s = queued_s(error.stay, error.waited_s, meter.upload_s(error.sent_bytes))
    moved_s = error.exchange_s - error.stay.held_s - (queue_s or 0.0)
    return Transfer(error.sent_bytes, error.received_bytes, max(moved_s, 0.0), queue_s=queue_s)
