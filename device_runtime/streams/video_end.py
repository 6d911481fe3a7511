"""Whether a video reaches the end that it names: one that is cut gives fewer frames, and no error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet

_TOLERATED_S = 0.2  # beside a frame: what containers and packets say of their length differ by some
_MICROSECONDS = 1e6  # in which FFmpeg says how long a container lasts


class VideoEnd:
    """Follows the packets of a container, of all its streams, and compares them with what it names."""

    def __init__(self, opened: InputContainer) -> None:
        """No packet is read yet."""
        self._named_s = (opened.duration or 0) / _MICROSECONDS
        rates = [stream.average_rate for stream in opened.streams.video if stream.average_rate]
        self._tolerated_s = _TOLERATED_S + float(1 / min(rates)) if rates else _TOLERATED_S
        self._first_s = self._last_s = 0.0
        self._damaged = 0

    def read(self, packet: Packet[Any]) -> None:
        """A packet was read."""
        self._damaged += packet.is_corrupt
        if packet.pts is None or packet.time_base is None:
            return
        self._first_s = min(self._first_s, float(packet.pts * packet.time_base))
        self._last_s = max(self._last_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))

    @property
    def missing(self) -> str | None:
        """What is missing, as the rest of a sentence; None where nothing is known to be."""
        reached_s = self._last_s - self._first_s
        if reached_s < self._named_s - self._tolerated_s:
            return (
                f"is cut: it names {self._named_s:.1f} s as its length, and what was read ends at "
                f"{reached_s:.1f} s; the frames behind are missing"
            )
        if self._damaged:
            return f"is cut or damaged: {self._damaged} of its packets are not whole"
        return None
