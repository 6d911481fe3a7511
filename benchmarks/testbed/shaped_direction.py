"""One direction of a shaped link in user space: a token bucket of one MTU."""

import asyncio
import math
import time
from collections.abc import Callable

SEGMENT_BYTES = 1448
"""Payload of one full TCP segment: an MTU of 1500 without 52 bytes of IP and TCP headers."""
HEADER_BYTES = 66
"""What a segment costs on the wire beside its payload, as `tc` counts it: Ethernet, IP, TCP, timestamps."""
BURST_BYTES = 1600
"""The bucket: what an idle link passes at once. The same as the namespaces' links have."""


class ShapedDirection:
    """Lets segments pass at a rate, in the order in which they ask.

    Args:
        rate_bps: Bits per second on the wire, above 0; infinite for a link that is not shaped here.
        clock: Seconds on the event loop's clock.
    """

    def __init__(self, rate_bps: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate_bps = rate_bps
        self._clock = clock
        self._turn = asyncio.Lock()  # fair: first come, first served
        self._free_s = -math.inf  # when everything admitted so far has passed
        self._waiter: asyncio.Future[None] | None = None

    def set_rate(self, rate_bps: float) -> None:
        """Pass the rest of the segment on its way, and all that follow, at another rate."""
        now_s = self._clock()
        self._free_s = now_s + (self._free_s - now_s) * (self._rate_bps / rate_bps)
        self._rate_bps = rate_bps
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def admit(self, payload_bytes: int) -> None:
        """Return when a segment with this payload has passed."""
        asked_s = self._clock()
        async with self._turn:
            # Counting from when the link became free, not from when a timer woke us: a late timer costs
            # no rate as long as it is late by less than a bucket.
            bucket_s = 8 * BURST_BYTES / self._rate_bps
            begun_s = max(self._free_s, max(asked_s, self._clock() - bucket_s) - bucket_s)
            self._free_s = begun_s + 8 * (payload_bytes + HEADER_BYTES) / self._rate_bps
            while (remaining_s := self._free_s - self._clock()) > 0:
                await self._pause(remaining_s)

    async def _pause(self, duration_s: float) -> None:
        """Wait, or less where the rate changes meanwhile."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(duration_s, _wake, self._waiter)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
