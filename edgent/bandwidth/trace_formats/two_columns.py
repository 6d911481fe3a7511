"""Lines of a time and a bandwidth, such as the `seconds Mbps` of Pensieve (Mao et al., SIGCOMM 2017)."""

from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.trace_formats.column_units import RATE_UNITS_BPS, TIME_UNITS_S
from edgent.bandwidth.trace_formats.number_rows import number_rows, starts_with_columns
from edgent.bandwidth.trace_formats.steps import until_the_next
from edgent.bandwidth.trace_formats.trace_format import Samples


@dataclass(frozen=True)
class TwoColumns:
    """A value holds until the next line; the last one holds for the median interval.

    Attributes:
        time_unit: of the first column.
        rate_unit: of the second column.
    """

    time_unit: str
    rate_unit: str

    def recognises(self, text: str) -> bool:
        """Two columns; nothing in them tells their units."""
        return starts_with_columns(text, 2)

    def parse(self, text: str) -> Samples:
        """One sample for each line; one line alone does not say how long it holds."""
        rows = number_rows(text, columns=2)
        lines = [line for line, _ in rows]
        time, rate = np.array([row for _, row in rows]).T
        start_s = time * TIME_UNITS_S[self.time_unit]
        return Samples(
            start_s,
            until_the_next(start_s, lines),
            rate * RATE_UNITS_BPS[self.rate_unit],
            lines,
            reading=f"{self.time_unit}, {self.rate_unit}",
        )
