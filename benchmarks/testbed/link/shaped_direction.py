"""One direction of a link in user space: bits leave it one after the other, at its rate."""

import asyncio
import time
from collections.abc import Callable

SEGMENT_BYTES = 1448
"""Payload of one full TCP segment: an MTU of 1500 without 52 bytes of IP and TCP headers."""
HEADER_BYTES = 66
"""What a segment costs on the wire beside its payload, as `tc` counts it: Ethernet, IP, TCP, timestamps."""


class ShapedDirection:
    """Lets frames pass at a rate, in the order in which they arrived.

    A frame has passed when its last bit has, however long the link idled before, as on a serial line.

    Positions are counted in bits that the link could have carried since it exists, so that a change of the
    rate moves everything that waits, and a late timer costs no rate.
    """

    def __init__(self, rate_bps: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate_bps = rate_bps
        self._clock = clock
        self._changed_s = clock()
        self._bits_at_change = 0.0
        self._reserved_bits = 0.0
        self._waiters: set[asyncio.Future[None]] = set()

    def set_rate(self, rate_bps: float) -> None:
        """Pass the rest of the frame on its way, and all that follow, at another rate."""
        self._bits_at_change = self._carried_bits()
        self._changed_s = self._clock()
        self._rate_bps = rate_bps
        for waiter in self._waiters:
            _wake(waiter)

    def reserve(self, frame_bytes: int) -> float:
        """Queue a frame of this size, headers included; its position is for `passed`."""
        self._reserved_bits = max(self._reserved_bits, self._carried_bits()) + 8 * frame_bytes
        return self._reserved_bits

    async def passed(self, position_bits: float) -> None:
        """Return when the frame with this position has passed."""
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
