"""The link as the device sees it: round trip, upload and download bandwidth, measured and followed.

Three probes through the same TorchServe path as a head tell the three unknowns apart: one of almost nothing,
one that is long on the way up, one that is long on the way down. Afterwards every exchange is a measurement.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.link.edge_load import EdgeLoad
from device_runtime.link.edge_refusals import EdgeRefusals
from edgent.bandwidth.transfer_time import Amounts, TransferTime
from edgent.core.frame_times import ANSWER_TIMES_BYTES, REQUEST_TIMES_BYTES
from edgent.core.probe import SMALLEST_REQUEST_BYTES
from edgent.planning.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.exchange.edge_client import HeadReply

PACKET_HEADER_BYTES = 66
"""Ethernet, IPv4 and TCP with time stamps around the first packet of each message; what the packets behind it
carry is in the measured bandwidth, which counts the bytes that arrive."""

_FIRST_PROBE_BYTES = 2048
_LARGEST_PROBE_BYTES = 128 * 1024
_TELLING_S = 0.02  # a transfer that adds less than this to the round trip says little about bandwidth
_SMALL_PROBES = 5
_LOWEST_BPS, _HIGHEST_BPS = 1e3, 1e10
_FIRST_WINDOW_BYTES = 13 * 1024
"""TCP sends so much at once (ten segments, RFC 6928, less headers); more than that waits for round trips."""
_NEW_ANSWER_SHARE = 0.2
"""What the latest answer counts in the share of those that came in more than one packet."""
_PAUSE_S = 1.0
"""After such a pause TCP's window opens anew and a radio may sleep: the next exchange begins more slowly."""
_OUT_OF_THE_ORDINARY = 2.0
_WAKING_S = 1e-3
"""What a thread that waits for bytes may be late by, so that shorter times between them tell little."""


@dataclass(frozen=True)
class Transfer:
    """One exchange, without the edge's compute time.

    Attributes:
        sent_bytes, received_bytes: on the connection, HTTP headers included.
        seconds: from the first byte sent to the last received, less what the head computed and the queue
        took.
        trailing_bytes: those received behind the first that came; 0 where all came at once, or nobody looked.
        trailing_s: seconds from the first that came to these.
        queue_s: seconds for which the request queued on the edge; None: nothing is said of it.
        compute_s: seconds that the head computed.
    """

    sent_bytes: int
    received_bytes: int
    seconds: float
    trailing_bytes: int = 0
    trailing_s: float = 0.0
    queue_s: float | None = None
    compute_s: float = 0.0


@dataclass(frozen=True)
class MeasuredLink:
    """A link, and what HTTP and TCP add to each message on it.

    Attributes:
        link: round trip and bandwidths.
        request_overhead_bytes: header lines and packet header around a request's frame, and what that says of
            time where the edge understands it.
        answer_overhead_bytes: the same of an answer's.
    """

    link: Link
    request_overhead_bytes: float
    answer_overhead_bytes: float


def measure_link(probe: Callable[[int, int], HeadReply]) -> MeasuredLink:
    """Measure a link that nothing is known about.

    Args:
        probe: sends the first number of bytes and gets the second number back, or raises ``EdgeError``.

    Raises:
        EdgeError: the edge cannot be probed.
    """
    probe(SMALLEST_REQUEST_BYTES, 0)  # opens the connection
    replies = [probe(SMALLEST_REQUEST_BYTES, 0) for _ in range(_SMALL_PROBES)]
    small = sorted(replies, key=lambda reply: reply.exchange_s)[_SMALL_PROBES // 2]
    up_bytes, up_s = _telling(lambda size: probe(size, 0), small)
    down_bytes, down_s = _telling(lambda size: probe(SMALLEST_REQUEST_BYTES, size), small)
    upload_bps = min(8 * up_bytes / up_s, _HIGHEST_BPS)
    download_bps = min(8 * down_bytes / down_s, _HIGHEST_BPS)
    request_bytes = small.sent_bytes + PACKET_HEADER_BYTES
    answer_bytes = small.received_bytes + PACKET_HEADER_BYTES
    transfers_s = 8 * request_bytes / upload_bps + 8 * answer_bytes / download_bps
    link = Link(max(small.exchange_s - transfers_s, 0.0), upload_bps, download_bps)
    times = (
        (REQUEST_TIMES_BYTES, ANSWER_TIMES_BYTES) if small.body else (0, 0)
    )  # an edge of before tells none
    return MeasuredLink(
        link, request_bytes - SMALLEST_REQUEST_BYTES + times[0], answer_bytes - len(small.body) + times[1]
    )


def _telling(probe: Callable[[int], HeadReply], small: HeadReply) -> tuple[int, float]:
    """Bytes that a transfer had more than the small one, and the seconds that they took.

    A probe grows until it tells something, but not beyond TCP's first window where round trips are long: what
    it would wait for then is no matter of bandwidth. There the quickest of some tells as much as may be.
    """
    size_bytes, may_wait = _FIRST_PROBE_BYTES, small.exchange_s < _TELLING_S
    largest_bytes = _LARGEST_PROBE_BYTES if may_wait else _FIRST_WINDOW_BYTES
    while True:
        reply = probe(size_bytes)
        more_s = reply.exchange_s - small.exchange_s
        if size_bytes == largest_bytes and not may_wait and more_s < _TELLING_S:
            replies = [reply, *(probe(size_bytes) for _ in range(_SMALL_PROBES - 1))]
            reply = min(replies, key=lambda one: one.exchange_s)
            more_s = reply.exchange_s - small.exchange_s
        if more_s >= _TELLING_S or size_bytes >= largest_bytes:
            more_bytes = reply.sent_bytes + reply.received_bytes - small.sent_bytes - small.received_bytes
            return more_bytes, max(more_s, 1e-6)
        size_bytes = min(4 * size_bytes, largest_bytes)


@dataclass(frozen=True)
class Observation:
    """What an exchange showed of one direction.

    Attributes:
        bandwidth_bps: the bandwidth that its bytes had, bit/s.
        weight: what that tells, above 0 and up to 1: the share of the exchange that they took.
    """

    bandwidth_bps: float
    weight: float


class LinkMeter:
    """Follows the link by what each exchange took (`edgent.bandwidth.transfer_time`).

    What is fixed about exchanges, the round trip among it, is learnt here. The bandwidths that the link is
    believed to have are settled by who follows them.

    Attributes:
        load: how long requests queue at its end.
        refusals: how often its end refuses them or answers too late, as it is overloaded.
    """

    def __init__(self, link: Link, clock: Callable[[], float] = time.monotonic) -> None:
        """Believe in the link as it was measured.

        Args:
            link: as it was measured.
            clock: monotonic seconds.
        """
        self._upload_bps, self._download_bps = link.upload_bps, link.download_bps
        rates = (max(rate_bps, _LOWEST_BPS) for rate_bps in (link.upload_bps, link.download_bps))
        self._time = TransferTime(link.round_trip_s, *rates)
        self._clock = clock
        self._used_at_s = clock()
        self._in_packets = 0.0
        self.load = EdgeLoad(clock)
        self.refusals = EdgeRefusals(clock)

    @property
    def link(self) -> Link:
        """The link as the next exchange will meet it, with the queue at its end in the round trip.

        After a pause it is slower to begin. An answer whose first bytes come ahead of the others, as headers
        do, brings one more packet header, which takes milliseconds where the link is slow.
        """
        after_pause = self._clock() - self._used_at_s > _PAUSE_S
        fixed = self._time.parts(Amounts(0, 0, after_pause))
        ahead_s = self._in_packets * 8 * PACKET_HEADER_BYTES / max(self._download_bps, _LOWEST_BPS)
        return Link(fixed.total_s + ahead_s + self.load.queue_s, self._upload_bps, self._download_bps)

    def observe(self, transfer: Transfer) -> tuple[Observation, Observation]:
        """Take in an exchange that has just ended.

        Returns:
            what it showed of the upload and of the download.
        """
        if transfer.queue_s is not None:
            self.load.observe(transfer.queue_s, transfer.compute_s)
        now_s = self._clock()
        after_pause = now_s - transfer.seconds - self._used_at_s > _PAUSE_S
        self._used_at_s = now_s
        up_bytes = transfer.sent_bytes + PACKET_HEADER_BYTES
        down_bytes = transfer.received_bytes + PACKET_HEADER_BYTES - transfer.trailing_bytes
        begun = Amounts(up_bytes, down_bytes, after_pause)
        begun_s = max(transfer.seconds - transfer.trailing_s, 1e-6)
        trailing_s = max(transfer.trailing_s, 1e-6)
        # They came in a packet of their own: gRPC's short ones are no longer than its headers.
        trailing_bytes = transfer.trailing_bytes + PACKET_HEADER_BYTES
        self._in_packets += _NEW_ANSWER_SHARE * ((transfer.trailing_bytes > 0) - self._in_packets)
        if transfer.trailing_bytes:
            self._time.learn(Amounts(0, trailing_bytes, is_whole=False), trailing_s)
        self._time.learn(begun, begun_s)
        parts = self._time.parts(begun)
        fixed_s = parts.total_s - parts.moving_s
        moving_s = max(begun_s - fixed_s, 0.1 * min(parts.moving_s, begun_s), 1e-6)
        # By what was believed: weights that grew with slowness would make links look slower than they are.
        # But what takes many times as long tells of its bytes, whatever share they were believed to have, and
        # so does what is quick on a link that was settled as a slow one.
        up_s = max(parts.up_s, 8 * up_bytes / max(self._upload_bps, _LOWEST_BPS))
        down_s = max(parts.down_s, 8 * down_bytes / max(self._download_bps, _LOWEST_BPS))
        telling_s = max(up_s + down_s, moving_s - _OUT_OF_THE_ORDINARY * parts.total_s)
        weight, telling = telling_s / (telling_s + fixed_s), up_s / (up_s + down_s)
        share = parts.up_s / parts.moving_s
        up = _observation(up_bytes, share * moving_s, telling * weight)
        if transfer.trailing_bytes:
            return up, _observation(trailing_bytes, trailing_s, trailing_s / (trailing_s + _WAKING_S))
        return up, _observation(down_bytes, (1 - share) * moving_s, (1 - telling) * weight)

    def upload_s(self, sent_bytes: int) -> float:
        """Seconds until an idle edge has so many bytes, with half of what is fixed about an exchange."""
        parts = self._time.parts(Amounts(sent_bytes + PACKET_HEADER_BYTES, 0))
        return parts.up_s + parts.fixed_s / 2

    def download_s(self, received_bytes: int) -> float:
        """Seconds until so many bytes of the edge's are here, with the other half of what is fixed."""
        parts = self._time.parts(Amounts(0, received_bytes + PACKET_HEADER_BYTES))
        return parts.down_s + parts.fixed_s / 2

    def settle(self, upload_bps: float, download_bps: float) -> None:
        """Take bandwidths as the link's: measured ones, or forecasts' means."""
        self._upload_bps = min(max(upload_bps, 0.0), _HIGHEST_BPS)
        self._download_bps = min(max(download_bps, 0.0), _HIGHEST_BPS)


def _observation(size_bytes: float, moving_s: float, weight: float) -> Observation:
    """What bytes showed that took so long, within bounds."""
    return Observation(min(8 * size_bytes / max(moving_s, 1e-6), _HIGHEST_BPS), max(weight, 1e-3))
