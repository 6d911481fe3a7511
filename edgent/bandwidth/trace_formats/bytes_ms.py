"""Logs of three columns: seconds since some moment, bytes, ms (the Norwegian 3G logs without the places)."""

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import number_rows, starts_with_columns
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.errors import DataError


class BytesMs:
    """Bytes and ms of a line are those since the line before."""

    def recognises(self, text: str) -> bool:
        """Three columns, and the third one is what passes from time to time, in ms."""
        if not starts_with_columns(text, 3):
            return False
        try:
            rows = number_rows(text, columns=3)
        except DataError:
            return False
        if len(rows) == 1:
            return False
        stamp_s, _, duration_ms = np.array([row for _, row in rows]).T
        passed_s = stamp_s[-1] - stamp_s[0]
        return bool(np.isclose(duration_ms[1:].sum() / 1e3, passed_s, rtol=0.2, atol=1.0) and passed_s > 0)

    def parse(self, text: str) -> Samples:
        """One sample for each line, which ends at the line's time.

        The times are often whole seconds, so a sample begins no earlier than the one before it ends.
        """
        rows = number_rows(text, columns=3)
        start_s: list[float] = []
        stamp_before_s, end_before_s = -np.inf, -np.inf
        for line, (stamp_s, _, duration_ms) in rows:
            if not duration_ms > 0:
                raise DataError(f"line {line}: it covers {duration_ms:g} ms; a sample lasts longer than 0 ms")
            if stamp_s < stamp_before_s:
                raise DataError(f"line {line}: its time {stamp_s:g} s is before that of the line before it")
            start_s.append(max(stamp_s - duration_ms / 1e3, end_before_s))
            stamp_before_s, end_before_s = stamp_s, start_s[-1] + duration_ms / 1e3
        values = np.array([row for _, row in rows])
        duration_s = values[:, 2] / 1e3
        return Samples(
            np.array(start_s),
            duration_s,
            values[:, 1] * 8 / duration_s,
            [line for line, _ in rows],
            reading="s, bytes, ms",
        )
