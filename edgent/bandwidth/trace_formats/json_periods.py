"""sabre's traces: a JSON list of `{"duration_ms", "bandwidth_kbps", "latency_ms"}`, one after the other.

The latency is a constant of that simulator and is not kept.
"""

import json
from typing import Any

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import LARGEST
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.errors import DataError


class JsonPeriods:
    """Each entry of the list is a period of constant bandwidth."""

    def recognises(self, text: str) -> bool:
        """JSON of any kind."""
        return text.lstrip()[:1] in ("[", "{")

    def parse(self, text: str) -> Samples:
        """One sample for each period."""
        try:
            periods = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"line 1: not a JSON list: {error}") from None
        if not isinstance(periods, list):
            raise DataError(f"line 1: expected a list of periods, found a {type(periods).__name__}")
        if not periods:
            raise DataError("line 1: the list holds no periods; a trace needs at least one")
        lines = _entry_lines(text, len(periods))
        for line, period in zip(lines, periods, strict=True):
            _check(line, period)
        duration_s = np.array([period["duration_ms"] for period in periods], dtype=np.float64) / 1e3
        bandwidth_bps = np.array([period["bandwidth_kbps"] for period in periods], dtype=np.float64) * 1e3
        start_s = np.concatenate([[0.0], np.cumsum(duration_s)[:-1]])
        return Samples(start_s, duration_s, bandwidth_bps, lines, reading="duration_ms, bandwidth_kbps")


def _check(line: int, period: Any) -> None:
    for key in ("duration_ms", "bandwidth_kbps"):
        value = period.get(key) if isinstance(period, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise DataError(f"line {line}: a period needs a number {key}, found {json.dumps(value)[:60]}")
    if not period["duration_ms"] > 0:
        raise DataError(
            f"line {line}: duration_ms is {period['duration_ms']:g}; a period lasts longer than 0 ms"
        )


def _entry_lines(text: str, count: int) -> list[int]:
    """The line on which each entry of a JSON list begins."""
    decoder = json.JSONDecoder()
    lines: list[int] = []
    position, line, counted = text.index("[") + 1, 1, 0
    for _ in range(count):
        while text[position] in " \t\r\n,":
            position += 1
        line += text.count("\n", counted, position)
        counted = position
        lines.append(line)
        _, position = decoder.raw_decode(text, position)
    return lines
