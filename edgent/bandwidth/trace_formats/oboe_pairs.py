"""Oboe's traces (Akhtar et al., SIGCOMM 2018): lines `ms kbps` in pairs, start and end of one chunk."""

import math

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import number_rows, starts_with_columns
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.errors import DataError

_LEAST_KBPS = 500
"""Values from here on are too large for Mbps."""


class OboePairs:
    """Each pair of lines is the download of one chunk, and both have its bandwidth."""

    def recognises(self, text: str) -> bool:
        """Pairs that repeat their bandwidth, at uneven times or with values too large for Mbps.

        A staircase of Mbps repeats its values too, but it is sampled evenly.
        """
        if not starts_with_columns(text, 2):
            return False
        try:
            time, bandwidth = np.array([row for _, row in number_rows(text, columns=2)]).T
        except DataError:
            return False
        paired = time.size % 2 == 0 and np.array_equal(bandwidth[::2], bandwidth[1::2])
        even = time.size <= 2 or np.allclose(np.diff(time), (time[-1] - time[0]) / (time.size - 1))
        return bool(paired and (not even or bandwidth.min() >= _LEAST_KBPS))

    def parse(self, text: str) -> Samples:
        """One sample for each pair of lines."""
        rows = number_rows(text, columns=2)
        if len(rows) % 2:
            raise DataError(f"line {rows[-1][0]}: a start without an end; Oboe traces come in pairs of lines")
        previous_ms = -math.inf
        for (_, (start_ms, start_kbps)), (line, (end_ms, end_kbps)) in zip(
            rows[::2], rows[1::2], strict=True
        ):
            if start_kbps != end_kbps:
                raise DataError(
                    f"line {line}: the pair begins with {start_kbps:g} kbps and ends with {end_kbps:g} kbps"
                )
            if not previous_ms <= start_ms < end_ms:
                raise DataError(f"line {line}: the pair's times {start_ms:g} and {end_ms:g} ms do not rise")
            previous_ms = end_ms
        values = np.array([row for _, row in rows])
        start_s, end_s = values[::2, 0] / 1e3, values[1::2, 0] / 1e3
        lines = [line for line, _ in rows[::2]]
        return Samples(
            start_s, end_s - start_s, values[::2, 1] * 1e3, lines, reading="ms, kbps, in pairs of lines"
        )
