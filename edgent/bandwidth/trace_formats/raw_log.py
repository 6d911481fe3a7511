"""The logs of the Belgian 4G traces (van der Hooft et al., 2016).

Six columns: epoch ms, ms since start, latitude, longitude, bytes, ms.
"""

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import number_rows, starts_with_columns
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.errors import DataError


class RawLog:
    """Bytes and ms of a line are those since the line before; the place is not kept."""

    def recognises(self, text: str) -> bool:
        """Six columns."""
        return starts_with_columns(text, 6)

    def parse(self, text: str) -> Samples:
        """One sample for each line, which ends at the line's time."""
        rows = number_rows(text, columns=6)
        for line, row in rows:
            if not row[5] > 0:
                raise DataError(f"line {line}: it covers {row[5]:g} ms; a sample lasts longer than 0 ms")
        values = np.array([row for _, row in rows])
        end_s, duration_s = values[:, 1] / 1e3, values[:, 5] / 1e3
        bandwidth_bps = values[:, 4] * 8 / duration_s
        lines = [line for line, _ in rows]
        return Samples(
            end_s - duration_s, duration_s, bandwidth_bps, lines, reading="ms since the start, bytes, ms"
        )
