"""When to probe the link while no request crosses it, within a budget of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.planning.link import Link

_OVERHEAD_BYTES = 700  # HTTP and TCP, both ways, of one probe
_SHORTEST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 1.0  # as far as the budget goes; longer probes would tell more, but too seldom
_TELLING_S = 0.02
_SHORTEST_BYTES = 4
_LEAST_BYTES, _MOST_BYTES = 512, 16 * 1024


class ProbeSchedule:
    """A bucket of bytes that fills with time; a probe takes what it costs."""

    def __init__(self, budget_bytes_per_s: float, clock: Callable[[], float]) -> None:
        """Start with a full bucket.

        Args:
            budget_bytes_per_s: what probes may cost on average.
            clock: monotonic seconds.
        """
        self._rate = budget_bytes_per_s
        self._clock = clock
        self._filled_at_s = clock()
        self._bucket_bytes = self._largest_bucket_bytes = 2 * budget_bytes_per_s
        self._last_s = -_SHORTEST_PAUSE_S
        self._is_next_down = False

    def due(self, link: Link) -> tuple[int, int] | None:
        """How many bytes to send up now and to have sent back; None when no probe is due.

        Probes are long in one direction and then in the other.

        Args:
            link: as it is believed to be; a probe is long enough to tell its bandwidth, within the budget.
        """
        bandwidth_bps = link.download_bps if self._is_next_down else link.upload_bps
        now_s = self._clock()
        self._bucket_bytes = min(
            self._bucket_bytes + self._rate * (now_s - self._filled_at_s), self._largest_bucket_bytes
        )
        self._filled_at_s = now_s
        wanted = min(max(int(bandwidth_bps * _TELLING_S / 8), _LEAST_BYTES), _MOST_BYTES)
        wanted = min(wanted, max(int(self._rate * _LONGEST_PAUSE_S) - _OVERHEAD_BYTES, _LEAST_BYTES))
        if now_s - self._last_s < _SHORTEST_PAUSE_S or self._bucket_bytes < wanted + _OVERHEAD_BYTES:
            return None
        self._bucket_bytes -= wanted + _OVERHEAD_BYTES
        self._last_s = now_s
        self._is_next_down = not self._is_next_down
        return (wanted, 0) if self._is_next_down else (_SHORTEST_BYTES, wanted)
