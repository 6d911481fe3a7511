"""One direction of a shaped link in user space: a token bucket of one MTU."""

import asyncio
import time
from collections.abc import Callable

SEGMENT_BYTES = 1448
"""Payload of one full TCP segment: an MTU of 1500 without 52 bytes of IP and TCP headers."""
HEADER_BYTES = 66
"""What a segment costs on the wire beside its payload, as `tc` counts it: Ethernet, IP, TCP, timestamps."""
BURST_BYTES = 1600
"""The bucket: what an idle link passes at once. The same as the namespaces' links have."""


class ShapedDirection:
    """Lets segments pass at a rate, in the order in which they arrived.

    Positions are counted in bits that the link could have carried since it exists, so that a change of the
    rate moves everything that waits, and a late timer costs no rate.

    Args:
        rate_bps: Bits per second on the wire, above 0.
        clock: Seconds that never go back.
    """

    def __init__(self, rate_bps: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate_bps = rate_bps
        self._clock = clock
        self._changed_s = clock()
        self._bits_at_change = 0.0
        self._reserved_bits = -8.0 * BURST_BYTES
        self._waiters: set[asyncio.Future[None]] = set()

    def set_rate(self, rate_bps: float) -> None:
        """Pass the rest of the segment on its way, and all that follow, at another rate."""
        self._bits_at_change = self._carried_bits()
        self._changed_s = self._clock()
        self._rate_bps = rate_bps
        for waiter in self._waiters:
            _wake(waiter)

    def reserve(self, payload_bytes: int) -> float:
        """Queue a segment with this payload; its position is for `passed`."""
        idle_bits = self._carried_bits() - 8 * BURST_BYTES
        self._reserved_bits = max(self._reserved_bits, idle_bits) + 8 * (payload_bytes + HEADER_BYTES)
        return self._reserved_bits

    async def passed(self, position_bits: float) -> None:
        """Return when the segment with this position has passed."""
        while (remaining_bits := position_bits - self._carried_bits()) > 0:
            loop = asyncio.get_running_loop()
            waiter = loop.create_future()
            timer = loop.call_later(remaining_bits / self._rate_bps, _wake, waiter)
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                timer.cancel()
                self._waiters.discard(waiter)

    def _carried_bits(self) -> float:
        return self._bits_at_change + (self._clock() - self._changed_s) * self._rate_bps


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
