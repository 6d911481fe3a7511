"""When a request was sent, and how long it stayed with the worker that took it, on the edge's own clock."""

from __future__ import annotations

from dataclasses import dataclass

from edgent.core.edge_clock import NO_CLOCK


@dataclass(frozen=True)
class SentAt:
    """When a request was written.

    Attributes:
        clock: whose time that is; `NO_CLOCK`: the device knows no clock of the edge, and asks for it.
        at_us: microseconds on that clock, as the device believes.
    """

    clock: bytes = NO_CLOCK
    at_us: int = 0


@dataclass(frozen=True)
class Stay:
    """How long a request stayed with the worker, and how busy that was.

    Attributes:
        clock: whose time that is.
        began_us: when the worker began with it, microseconds on that clock.
        held_s: seconds from then until the answer was written.
        busy_s: seconds for which the worker was at work from when the request was written until it began with
            it, with what lies between two batches: it cannot have queued for longer.
    """

    clock: bytes
    began_us: int
    held_s: float
    busy_s: float
