"""What a frame says of time, on the edge's own clock: when a request was sent, how long it stayed.

======  =====  ================================================================================
offset  type   field
======  =====  ================================================================================
0       u8     1: of a request; 2: of an answer
1       4s     which clock (``edgent.core.edge_clock``); zeros in a request: the device knows none
request:
5       u64    when the frame was written, µs on that clock, as the device believes
answer:
5       u64    when the worker began with the request, µs on that clock: when it was handed over, later by
               what others of its batch took
13      u32    from then until the answer was written, µs
17      u32    for how long the worker was at work since the request was written, µs
======  =====  ================================================================================
"""

from __future__ import annotations

import struct

from edgent.core.stay import SentAt, Stay
from edgent.errors import FrameError

_SENT, _STAYED = 1, 2
_REQUEST, _ANSWER = struct.Struct("<B4sQ"), struct.Struct("<B4sQII")
REQUEST_TIMES_BYTES, ANSWER_TIMES_BYTES = _REQUEST.size + 2, _ANSWER.size + 2
"""What a frame that says something of time has more than one of version 1."""
_LARGEST_MICROS, _LATEST_US = 2**32 - 1, 2**64 - 1


def write_times(times: SentAt | Stay) -> bytes:
    """The section of a request, or of an answer."""
    if isinstance(times, SentAt):
        return _REQUEST.pack(_SENT, times.clock, min(max(times.at_us, 0), _LATEST_US))
    held, busy = _micros(times.held_s), _micros(times.busy_s)
    return _ANSWER.pack(_STAYED, times.clock, times.began_us, held, busy)


def read_times(data: bytes | memoryview) -> tuple[SentAt | Stay, int]:
    """What the beginning of some bytes says of time, and how many of them that takes.

    Raises:
        FrameError: it is damaged.
    """
    kind = data[0] if len(data) else 0
    if kind == _SENT and len(data) >= _REQUEST.size:
        _, clock, at_us = _REQUEST.unpack_from(data)
        return SentAt(clock, at_us), _REQUEST.size
    if kind == _STAYED and len(data) >= _ANSWER.size:
        _, clock, began_us, held, busy = _ANSWER.unpack_from(data)
        return Stay(clock, began_us, held / 1e6, busy / 1e6), _ANSWER.size
    raise FrameError(f"{len(data)} bytes that say neither when a request was sent nor how long it stayed")


def _micros(seconds: float) -> int:
    return round(min(max(0.0, seconds) * 1e6, _LARGEST_MICROS))
