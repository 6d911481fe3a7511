"""Whether numbers whose units a file does not say were read in the right ones."""

from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.trace_formats.link_rates import LEAST_BPS, MOST_BPS, MOST_SAID_BPS
from edgent.bandwidth.trace_formats.registry import TRACE_FORMATS
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.bandwidth.traces import sample_fault
from edgent.counted import counted
from edgent.errors import DataError

_WITHOUT_UNITS = ("oboe", "seconds-mbps", "seconds-kbps", "ms-kbps")
"""Formats of two bare columns, of which a file may be any."""
_CHECKS_ITSELF = "csv"
"""It knows which units were given, and takes them as they are."""
_SHORTEST_S, _LONGEST_S = 0.01, 300.0
"""Limits of what a log's sample typically lasts."""


@dataclass(frozen=True)
class _Reading:
    """What a file would be in one format."""

    name: str
    samples: int
    typical_s: float
    mean_bps: float

    @property
    def is_paced_like_a_log(self) -> bool:
        return _SHORTEST_S <= self.typical_s <= _LONGEST_S

    @property
    def is_plausible(self) -> bool:
        return self.is_paced_like_a_log and LEAST_BPS <= self.mean_bps < MOST_BPS

    def __str__(self) -> str:
        samples = counted(self.samples, "sample")
        return f"{self.name}: {samples} of {self.typical_s:,.4g} s, mean {self.mean_bps / 1e6:,.4g} Mbps"


def check_plausible(name: str, samples: Samples, text: str) -> None:
    """Refuse a format that was recognised, where the link would be like no other.

    Args:
        name: of the format that was recognised.
        samples: what it made of the file.
        text: the file's content, which is read in the other formats for comparison.

    Raises:
        DataError: the readings side by side.
    """
    if name == _CHECKS_ITSELF:
        return
    reading = _reading(name, samples)
    if name not in _WITHOUT_UNITS:
        _check_said(reading, samples)
        return
    if reading.is_plausible:
        return
    others = [_parsed(other, text) for other in _WITHOUT_UNITS if other != name]
    sides = [reading, *(other for other in others if other is not None and other.is_paced_like_a_log)]
    raise DataError(
        f"line {samples.line[0]}: no unit is said, and no link is like the first of these readings: "
        f"{'; '.join(map(str, sides))}. Choose one by --format, or name the columns in a first line such as "
        "`time_ms,rate_kbps`"
    )


def _check_said(reading: _Reading, samples: Samples) -> None:
    """Refuse a mean that no link has, in a format that says its units; an outage all along is one.

    Raises:
        DataError: the reading.
    """
    if reading.mean_bps and not LEAST_BPS <= reading.mean_bps <= MOST_SAID_BPS:
        raise DataError(
            f"line {samples.line[0]}: no link is like this: {reading}. If it is right, say so by --format "
            f"{reading.name}"
        )


def _parsed(name: str, text: str) -> _Reading | None:
    try:
        samples = TRACE_FORMATS[name].parse(text)
    except DataError:
        return None
    broken = sample_fault(samples.start_s, samples.duration_s, samples.bandwidth_bps)
    return None if broken else _reading(name, samples)


def _reading(name: str, samples: Samples) -> _Reading:
    return _Reading(
        name,
        samples.start_s.size,
        float(np.median(samples.duration_s)),
        float(np.average(samples.bandwidth_bps, weights=samples.duration_s)),
    )
