"""Mahimahi's traces (Netravali et al., ATC 2015): one line of ms for each chance to deliver a packet."""

from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import first_line, number_rows, starts_with_columns
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.bandwidth.traces import MAX_SAMPLES, Floats
from edgent.errors import DataError

PACKET_BYTES = 1504
"""What one chance delivers at most: a packet of 1,500 bytes and the 4 bytes of Mahimahi's own device."""


@dataclass(frozen=True)
class Mahimahi:
    """Chances are counted in intervals: a stamp that repeats counts again, an outage is their absence.

    The trace's period is its last stamp; what is left of it after the last whole interval is dropped.

    Attributes:
        interval_s: length of the intervals.
    """

    interval_s: float = 0.1
    takes_columns = False

    def with_options(self, options: ReadingOptions) -> "Mahimahi":
        """Counted in the intervals of the options."""
        return Mahimahi(options.interval_s)

    def recognises(self, text: str) -> bool:
        """One column of whole numbers."""
        line = first_line(text)
        return line is not None and starts_with_columns(text, 1) and line[1][0].isdecimal()

    def parse(self, text: str) -> Samples:
        """One sample for each interval."""
        stamp_ms = self._stamps_ms(text)
        interval_ms = self.interval_s * 1e3
        period_ms = float(stamp_ms[-1])
        # A hair of tolerance: 0.3 s hold three intervals of 0.1 s.
        count = int(period_ms / interval_ms * (1 + 1e-12))
        if not 1 <= count <= MAX_SAMPLES:
            raise DataError(
                f"line {stamp_ms.size}: the stamps end at {period_ms:g} ms, which are {count} whole "
                f"intervals of {interval_ms:g} ms, outside 1 to {MAX_SAMPLES}; choose another --interval"
            )
        place = np.floor(stamp_ms / interval_ms * (1 + 1e-12)).astype(np.int64)
        if place[-1] == period_ms / interval_ms:  # the period's end belongs to its last interval
            place = np.minimum(place, count - 1)
        chances = np.bincount(place[place < count], minlength=count).astype(np.float64)
        return Samples(
            np.arange(count, dtype=np.float64) * self.interval_s,
            np.full(count, self.interval_s),
            chances * PACKET_BYTES * 8 / self.interval_s,
            [1] * count,
            reading=f"a line of ms for each {PACKET_BYTES:,} bytes, counted every {interval_ms:g} ms",
        )

    @staticmethod
    def _stamps_ms(text: str) -> Floats:
        rows = number_rows(text, columns=1)
        stamp_ms = np.array([row[0] for _, row in rows])
        wrong = (stamp_ms < 0) | (stamp_ms % 1 != 0) | (np.diff(stamp_ms, prepend=0) < 0)
        if wrong.any():
            line, (value,) = rows[int(np.argmax(wrong))]
            raise DataError(
                f"line {line}: {value:g} is no stamp of Mahimahi's, which are whole ms that never fall"
            )
        return stamp_ms
