"""The link as the device sees it: round trip, upload and download bandwidth, measured and followed.

Three probes through the same TorchServe path as a head tell the three unknowns apart: one of almost nothing,
one that is long on the way up, one that is long on the way down. Afterwards every exchange is a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.planning.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.edge_client import HeadReply

PACKET_HEADER_BYTES = 66
"""Ethernet, IPv4 and TCP with time stamps around the first packet of each message; what the packets behind it
carry is in the measured bandwidth, which counts the bytes that arrive."""

_SMALLEST_PROBE_BYTES = 4
_FIRST_PROBE_BYTES = 2048
_LARGEST_PROBE_BYTES = 128 * 1024
_TELLING_S = 0.02  # a transfer that adds less than this to the round trip says little about bandwidth
_SMALL_PROBES = 5
_HIGHEST_BPS = 1e10


@dataclass(frozen=True)
class Transfer:
    """One exchange, without the edge's compute time.

    Attributes:
        sent_bytes, received_bytes: on the connection, HTTP headers included.
        seconds: from the first byte sent to the last received, less what the head computed.
    """

    sent_bytes: int
    received_bytes: int
    seconds: float


@dataclass(frozen=True)
class MeasuredLink:
    """A link, and what HTTP and TCP add to each message on it.

    Attributes:
        link: round trip and bandwidths.
        request_overhead_bytes: header lines and packet header around a request's frame.
        answer_overhead_bytes: the same around an answer's.
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
    probe(_SMALLEST_PROBE_BYTES, 0)  # opens the connection
    replies = [probe(_SMALLEST_PROBE_BYTES, 0) for _ in range(_SMALL_PROBES)]
    small = sorted(replies, key=lambda reply: reply.exchange_s)[_SMALL_PROBES // 2]
    up_bytes, up_s = _telling(lambda size: probe(size, 0), small)
    down_bytes, down_s = _telling(lambda size: probe(_SMALLEST_PROBE_BYTES, size), small)
    upload_bps = min(8 * up_bytes / up_s, _HIGHEST_BPS)
    download_bps = min(8 * down_bytes / down_s, _HIGHEST_BPS)
    request_bytes = small.sent_bytes + PACKET_HEADER_BYTES
    answer_bytes = small.received_bytes + PACKET_HEADER_BYTES
    transfers_s = 8 * request_bytes / upload_bps + 8 * answer_bytes / download_bps
    link = Link(max(small.exchange_s - transfers_s, 0.0), upload_bps, download_bps)
    return MeasuredLink(link, request_bytes - _SMALLEST_PROBE_BYTES, answer_bytes)


def _telling(probe: Callable[[int], HeadReply], small: HeadReply) -> tuple[int, float]:
    """Bytes that a transfer had more than the small one, and the seconds that they took."""
    size_bytes = _FIRST_PROBE_BYTES
    while True:
        reply = probe(size_bytes)
        more_bytes = reply.sent_bytes + reply.received_bytes - small.sent_bytes - small.received_bytes
        more_s = reply.exchange_s - small.exchange_s
        if more_s >= _TELLING_S or size_bytes >= _LARGEST_PROBE_BYTES:
            return more_bytes, max(more_s, 1e-6)
        size_bytes *= 4


class LinkMeter:
    """Follows the link by what each exchange took.

    The exchange's time less the round trip is put down to the bytes, up and down in the ratio that the probes
    found; what is left unexplained on a fast link is put down to the round trip.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.download_ratio = link.download_bps / link.upload_bps

    def observe(self, transfer: Transfer) -> tuple[float, float]:
        """Take in an exchange.

        Returns:
            the upload bandwidth that it showed, and its weight in (0, 1]: the share of the exchange that
            the bytes took, for on a fast link the round trip hides them.
        """
        up_bits = 8 * (transfer.sent_bytes + PACKET_HEADER_BYTES)
        down_bits = 8 * (transfer.received_bytes + PACKET_HEADER_BYTES)
        bits = up_bits + down_bits / self.download_ratio
        expected_s = bits / self.link.upload_bps if self.link.upload_bps > 0 else transfer.seconds
        round_trip_s = self.link.round_trip_s
        moving_s = max(transfer.seconds - round_trip_s, 0.1 * min(expected_s, transfer.seconds), 1e-6)
        telling_s = max(expected_s, moving_s)
        if telling_s < round_trip_s:
            self._follow_round_trip(transfer.seconds - expected_s)
        weight = max(telling_s / (telling_s + round_trip_s), 1e-3)
        return min(bits / moving_s, _HIGHEST_BPS), weight

    def _follow_round_trip(self, seconds: float) -> None:
        """A round trip falls faster than it rises: most of what makes it longer is passing noise."""
        now_s = self.link.round_trip_s
        share = 0.3 if seconds < now_s else 0.2
        followed_s = max(now_s + share * (seconds - now_s), 0.0)
        self.link = Link(followed_s, self.link.upload_bps, self.link.download_bps)

    def settle(self, upload_bps: float) -> None:
        """Take a bandwidth as the link's: a measured one, or a forecast's mean."""
        upload_bps = min(max(upload_bps, 0.0), _HIGHEST_BPS)
        self.link = Link(
            self.link.round_trip_s, upload_bps, min(upload_bps * self.download_ratio, _HIGHEST_BPS)
        )
