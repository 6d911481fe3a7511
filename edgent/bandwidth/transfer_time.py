"""What a short exchange takes: a fixed part, more of it after a pause, and its bytes at a rate each way.

A message of some kilobytes does not see a stream's throughput. It waits for a round trip and for the server,
and after a pause for a radio that wakes up and for a window that opens anew::

    T = fixed + wake · [after a pause] + up_bytes · s_up + down_bytes · s_down

The four parameters are those of the least absolute error of log T over the last exchanges, of which the
latest count most, by iteratively reweighted least squares (Holland and Welsch, 1977). Sizes that differ tell
the parts apart; an exchange that met an outage is one of many and moves them little.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

_REMEMBERED, _HALF_LIFE = 32, 5.0
"""Exchanges that count, and after how many others one counts half."""
_HOLD = 10.0
"""How much parameters are held where they were, in exchanges that missed them by their whole time."""
_HOLD_RATES = 0.5
"""How much rates are held besides, relative to themselves: what few bytes tell of a rate is noise."""
_NOISE = 0.02
"""Exchanges that are predicted within this share count alike."""
_STEPS = 4
_LEAST_SHARE = 0.7
"""One exchange leaves at least this share of a parameter, so that all stay above 0."""


@dataclass(frozen=True)
class Amounts:
    """What an exchange, or a part of one, consists of.

    Attributes:
        up_bytes, down_bytes: what crossed the link.
        after_pause: whether nothing had crossed it for a while before.
        is_whole: whether the fixed part is in it; not where only the bytes behind others were timed.
    """

    up_bytes: float
    down_bytes: float
    after_pause: bool = False
    is_whole: bool = True

    def vector(self) -> Floats:
        """How often each parameter counts. Shape (4,)."""
        wakes = self.is_whole and self.after_pause
        return np.array([self.is_whole, wakes, self.up_bytes, self.down_bytes], dtype=np.float64)


_MEASURED = Amounts(100, 100), Amounts(4096, 100), Amounts(100, 4096)
"""What the first parameters count like: an empty exchange, and one that is long each way."""


@dataclass(frozen=True)
class PartsOfTime:
    """Where the time of an exchange goes, in seconds: what is fixed, the wake-up, its bytes up and down."""

    fixed_s: float
    wake_s: float
    up_s: float
    down_s: float

    @property
    def moving_s(self) -> float:
        """What its bytes take, both ways."""
        return self.up_s + self.down_s

    @property
    def total_s(self) -> float:
        """All of it."""
        return self.fixed_s + self.wake_s + self.moving_s


class TransferTime:
    """The time of an exchange, learnt from exchanges.

    Args:
        fixed_s: seconds of an exchange with nothing in it, 0 or more.
        upload_bps, download_bps: what its bytes go at, bit/s, above 0.

    Raises:
        DataError: one of these is not such a number.

    Example:
        >>> time = TransferTime(fixed_s=0.01, upload_bps=1e6, download_bps=10e6)
        >>> for _ in range(20):  # the round trip has become longer
        ...     for size_bytes in (1_000, 5_000, 10_000):
        ...         time.learn(Amounts(size_bytes, 500), 0.05 + 8e-6 * size_bytes + 0.0004)
        >>> round(time.parts(Amounts(2_000, 500)).fixed_s, 2)
        0.05
    """

    def __init__(self, fixed_s: float, upload_bps: float, download_bps: float) -> None:
        good = all(math.isfinite(value) for value in (fixed_s, upload_bps, download_bps))
        if not (good and fixed_s >= 0 and upload_bps > 0 and download_bps > 0):
            raise DataError(
                f"an exchange takes 0 s or more and its bytes go at more than 0 bit/s, not {fixed_s:g} s, "
                f"{upload_bps:g} bit/s up and {download_bps:g} bit/s down"
            )
        self._parameters = np.array([fixed_s, 0.0, 8 / upload_bps, 8 / download_bps])
        self._seen: deque[tuple[Floats, float]] = deque(maxlen=_REMEMBERED)
        for amounts in _MEASURED * 2:
            self._seen.append((amounts.vector(), max(self.parts(amounts).total_s, 1e-6)))

    def parts(self, amounts: Amounts) -> PartsOfTime:
        """What an exchange is expected to take."""
        return PartsOfTime(*(self._parameters * amounts.vector()).tolist())

    def learn(self, amounts: Amounts, seconds: float) -> None:
        """Take in an exchange.

        Args:
            amounts: what crossed the link.
            seconds: what it took, without the edge's compute time; above 0.
        """
        self._seen.append((amounts.vector(), seconds))
        counts, times_s = (np.array(values) for values in zip(*self._seen, strict=True))
        weights = np.exp2(np.arange(1 - times_s.size, 1) / _HALF_LIFE)
        before, now = self._parameters, self._parameters
        usual_s = math.exp(float(np.average(np.log(times_s), weights=weights)))
        hold = _HOLD * (np.average(counts, axis=0, weights=weights) / usual_s) ** 2 + 1e-12
        hold[2:] += _HOLD_RATES / before[2:] ** 2
        for _ in range(_STEPS):
            expected_s = np.maximum(counts @ now, 1e-9)
            missed = np.maximum(np.abs(np.log(times_s / expected_s)), _NOISE)
            # About the geometric mean of both, a difference in seconds is one of logarithms.
            squares = weights / missed / (times_s * expected_s)
            curvature = (counts * squares[:, None]).T @ counts + np.diag(hold)
            now = _bounded_minimum(
                curvature, counts.T @ (squares * times_s) + hold * before, _LEAST_SHARE * before
            )
        self._parameters = now


def _bounded_minimum(curvature: Floats, slope: Floats, least: Floats) -> Floats:
    """Where x·curvature·x/2 - slope·x is least; what falls below its bound stays there, and the rest follows.

    Args:
        curvature: shape (4, 4), positive definite.
        slope: shape (4,).
        least: the bounds. Shape (4,).
    """
    found = np.linalg.solve(curvature, slope)
    free = found >= least
    found[~free] = least[~free]
    if free.any() and not free.all():
        rest = slope[free] - curvature[np.ix_(free, ~free)] @ found[~free]
        found[free] = np.linalg.solve(curvature[np.ix_(free, free)], rest)
    bounded: Floats = np.maximum(found, least)
    return bounded
