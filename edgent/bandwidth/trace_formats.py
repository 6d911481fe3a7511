"""The formats in which public bandwidth traces come: text in, samples out.

Every parser returns `Samples`; the time of the first is still the file's own. A parser refuses what it
cannot read with a `DataError` naming the line; rules that hold for all traces are checked by the caller.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.traces import Floats
from edgent.errors import DataError


@dataclass(frozen=True)
class Samples:
    """Samples as a file has them, with the line of each. Arrays of shape (n,)."""

    start_s: Floats
    duration_s: Floats
    bandwidth_bps: Floats
    line: list[int]


Row = tuple[int, list[float]]

_LARGEST = 1e15
"""Largest number taken from a file: it leaves room for milliseconds since 1970 and for products."""


def rows(text: str, columns: int | None = None) -> list[Row]:
    """The numbers of each line that is neither empty nor a `#` comment, with its line number.

    Args:
        text: Lines of numbers between blanks.
        columns: How many numbers a line has; by default as many as the first.

    Raises:
        DataError: No lines, a line of another length, or a word that is no number a trace can hold.
    """
    found: list[Row] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            values = [float(word) for word in words]
        except ValueError:
            raise DataError(f"line {number}: expected numbers, found {line.strip()[:60]!r}") from None
        if not all(abs(value) <= _LARGEST for value in values):
            raise DataError(
                f"line {number}: numbers must be finite, up to {_LARGEST:g}: {line.strip()[:60]!r}"
            )
        columns = columns or len(values)
        if len(values) != columns:
            raise DataError(f"line {number}: {len(values)} columns where {columns} were expected")
        found.append((number, values))
    if not found:
        raise DataError("line 1: the file holds no samples; a trace needs at least one")
    return found


def parse_oboe_pairs(text: str) -> Samples:
    """Oboe (Akhtar et al., SIGCOMM 2018): lines `ms kbps` in pairs, start and end of one downloaded chunk."""
    table = rows(text, columns=2)
    if len(table) % 2:
        raise DataError(f"line {table[-1][0]}: a start without an end; Oboe traces come in pairs of lines")
    previous_ms = -math.inf
    for (_, (start_ms, start_kbps)), (line, (end_ms, end_kbps)) in zip(table[::2], table[1::2], strict=True):
        if start_kbps != end_kbps:
            raise DataError(
                f"line {line}: the pair begins with {start_kbps:g} kbps and ends with {end_kbps:g} kbps"
            )
        if not previous_ms <= start_ms < end_ms:
            raise DataError(f"line {line}: the pair's times {start_ms:g} and {end_ms:g} ms do not rise")
        previous_ms = end_ms
    values = np.array([row for _, row in table])
    start_s, end_s = values[::2, 0] / 1e3, values[1::2, 0] / 1e3
    return Samples(start_s, end_s - start_s, values[::2, 1] * 1e3, [line for line, _ in table[::2]])


def parse_seconds_mbps(text: str) -> Samples:
    """Lines `seconds Mbps` (Pensieve, Mao et al., SIGCOMM 2017): a value holds until the next line.

    The last one holds for the median interval, so one line alone is no trace.
    """
    table = rows(text, columns=2)
    if len(table) == 1:
        raise DataError(f"line {table[0][0]}: a single line `seconds Mbps` does not say how long it holds")
    values = np.array([row for _, row in table])
    interval_s = np.diff(values[:, 0])
    # An interval that is not above 0 is reported by the time that causes it, not by its duration.
    duration_s = np.append(np.where(interval_s > 0, interval_s, 1.0), max(float(np.median(interval_s)), 1e-9))
    return Samples(values[:, 0], duration_s, values[:, 1] * 1e6, [line for line, _ in table])


def parse_raw_log(text: str) -> Samples:
    """Six columns (van der Hooft et al., 2016): epoch ms, ms since start, latitude, longitude, bytes, ms.

    Bytes and ms are those since the line before; the sample ends at its line's time. The place is not kept.
    """
    table = rows(text, columns=6)
    for line, row in table:
        if not row[5] > 0:
            raise DataError(f"line {line}: it covers {row[5]:g} ms; a sample lasts longer than 0 ms")
    values = np.array([row for _, row in table])
    end_s, duration_s = values[:, 1] / 1e3, values[:, 5] / 1e3
    return Samples(end_s - duration_s, duration_s, values[:, 4] * 8 / duration_s, [line for line, _ in table])


def parse_json_periods(text: str) -> Samples:
    """A JSON list of `{"duration_ms", "bandwidth_kbps", "latency_ms"}` (sabre), one after the other.

    The latency is a constant of that simulator and is not kept.
    """
    try:
        periods = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not a JSON list: {error}") from None
    if not isinstance(periods, list):
        raise DataError(f"line 1: expected a list of periods, found a {type(periods).__name__}")
    if not periods:
        raise DataError("line 1: the list holds no periods; a trace needs at least one")
    lines = _entry_lines(text, len(periods))
    for line, period in zip(lines, periods, strict=True):
        for key in ("duration_ms", "bandwidth_kbps"):
            value = period.get(key) if isinstance(period, dict) else None
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
                raise DataError(f"line {line}: a period needs a number {key}, found {json.dumps(value)[:60]}")
        if not period["duration_ms"] > 0:
            raise DataError(
                f"line {line}: duration_ms is {period['duration_ms']:g}; a period lasts longer than 0 ms"
            )
    duration_s = np.array([period["duration_ms"] for period in periods], dtype=np.float64) / 1e3
    bandwidth_bps = np.array([period["bandwidth_kbps"] for period in periods], dtype=np.float64) * 1e3
    start_s = np.concatenate([[0.0], np.cumsum(duration_s)[:-1]])
    return Samples(start_s, duration_s, bandwidth_bps, lines)


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


PARSERS: dict[str, Callable[[str], Samples]] = {
    "json": parse_json_periods,
    "oboe": parse_oboe_pairs,
    "raw": parse_raw_log,
    "seconds-mbps": parse_seconds_mbps,
}


def recognise(text: str) -> str:
    """The name in `PARSERS` of the format that a file's content shows.

    Two columns are Oboe pairs where each pair of lines repeats its bandwidth and the times are uneven or the
    values too large for Mbps (500 and up); a staircase of Mbps is sampled evenly.
    """
    if text.lstrip()[:1] in ("[", "{"):
        return "json"
    table = rows(text)
    columns = len(table[0][1])
    if columns == 6:
        return "raw"
    if columns != 2:
        raise DataError(
            f"line {table[0][0]}: {columns} columns; traces have 2 (Oboe, `seconds Mbps`) or 6 (raw log)"
        )
    time, bandwidth = np.array([row for _, row in table]).T
    paired = time.size % 2 == 0 and np.array_equal(bandwidth[::2], bandwidth[1::2])
    uneven = time.size > 2 and not np.allclose(np.diff(time), (time[-1] - time[0]) / (time.size - 1))
    return "oboe" if paired and (uneven or bandwidth.min() >= 500) else "seconds-mbps"
