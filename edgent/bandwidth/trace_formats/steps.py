"""How long the samples of a log hold that gives their times only."""

from collections.abc import Sequence

import numpy as np

from edgent.bandwidth.traces import Floats
from edgent.errors import DataError


def until_the_next(start_s: Floats, lines: Sequence[int]) -> Floats:
    """Seconds from each sample to the next; the last one holds for the median of them.

    An interval that is not above 0 counts as a second: it is reported by the time that causes it, not by its
    duration.

    Raises:
        DataError: a single sample does not say how long it holds.
    """
    if start_s.size == 1:
        raise DataError(f"line {lines[0]}: a single line of time and rate does not say how long it holds")
    interval_s = np.diff(start_s)
    last_s = max(float(np.median(interval_s)), 1e-9)
    return np.append(np.where(interval_s > 0, interval_s, 1.0), last_s)
