"""Lines `seconds Mbps` (Pensieve, Mao et al., SIGCOMM 2017)."""

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import number_rows, starts_with_columns
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.errors import DataError


class SecondsMbps:
    """A value holds until the next line; the last one holds for the median interval."""

    def recognises(self, text: str) -> bool:
        """Two columns."""
        return starts_with_columns(text, 2)

    def parse(self, text: str) -> Samples:
        """One sample for each line; one line alone does not say how long it holds."""
        rows = number_rows(text, columns=2)
        if len(rows) == 1:
            raise DataError(f"line {rows[0][0]}: a single line `seconds Mbps` does not say how long it holds")
        values = np.array([row for _, row in rows])
        interval_s = np.diff(values[:, 0])
        last_s = max(float(np.median(interval_s)), 1e-9)
        # An interval that is not above 0 is reported by the time that causes it, not by its duration.
        duration_s = np.append(np.where(interval_s > 0, interval_s, 1.0), last_s)
        return Samples(values[:, 0], duration_s, values[:, 1] * 1e6, [line for line, _ in rows])
