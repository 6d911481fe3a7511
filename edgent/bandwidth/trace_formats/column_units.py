"""What a column's name says: its unit, and whether it is a time, an upload or a download."""

import re
from typing import Literal

TIME_UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
"""Seconds in each unit of time, by the name that is shown."""
RATE_UNITS_BPS = {"bps": 1.0, "kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9}
"""Bits per second in each unit of bandwidth, by the name that is shown."""

Direction = Literal["up", "down"]

_TIME_SPELLINGS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "usec", "micros", "microsecond", "microseconds"), "us"),
}
_RATE_SPELLINGS = {
    spelling: unit
    for unit in RATE_UNITS_BPS
    for prefix in [unit.lower().removesuffix("bps")]
    for spelling in (f"{prefix}bps", f"{prefix}b/s", f"{prefix}bit/s", f"{prefix}bits/s", f"{prefix}bitps")
}
_TIME_WORDS = {"time", "timestamp", "t", "elapsed"}
_RATE_WORDS = {"rate", "bandwidth", "throughput", "bitrate", "bw", "capacity"}
_UP_WORDS = {"up", "ul", "uplink", "upload", "upstream"}
_DOWN_WORDS = {"down", "dl", "downlink", "download", "downstream"}


def time_unit(text: str) -> str | None:
    """The unit of time in a column's name or in a word, `ms` in `time_ms`; None where there is none."""
    return next(
        (_TIME_SPELLINGS[word.lower()] for word in _words(text) if word.lower() in _TIME_SPELLINGS), None
    )


def rate_unit(text: str) -> str | None:
    """The unit of bandwidth in a column's name or in a word, `Mbps` in `uplink_mbps`; None if there is none.

    `MB/s` and `kBps` are bytes, which are none of the units. `MB/S` may be, so it is none either.
    """
    return next(
        (
            _RATE_SPELLINGS[word.lower()]
            for word in _words(text)
            if word.lower() in _RATE_SPELLINGS and ("B" not in word or (word.isupper() and "B/" not in word))
        ),
        None,
    )


def is_time(name: str) -> bool:
    """Whether a column's name says that it is the time: `t`, `Timestamp`, `time_ms`, `seconds`."""
    words = {word.lower() for word in _words(name)}
    return bool(words & _TIME_WORDS) or (bool(words) and words <= set(_TIME_SPELLINGS))


def is_rate(name: str) -> bool:
    """Whether a column's name says that it is a bandwidth: `DL_bitrate`, `uplink_mbps`, `kbps`."""
    words = {word.lower() for word in _words(name)}
    return bool(words & _RATE_WORDS) or rate_unit(name) is not None


def direction(name: str) -> Direction | None:
    """The direction in a column's name; None where there is none."""
    words = {word.lower() for word in _words(name)}
    if words & _UP_WORDS:
        return "up"
    return "down" if words & _DOWN_WORDS else None


def _words(name: str) -> list[str]:
    """The words of a name: `uplinkMbps (mean)` is uplink, Mbps, mean."""
    return [word for word in re.split(r"[^A-Za-z0-9/]+|(?<=[a-z])(?=[A-Z][a-z])", name) if word]
