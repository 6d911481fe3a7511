"""Exponentially weighted mean and variance of the log bandwidth."""

import math

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.forecast import FLOOR_BPS, log_bandwidth, log_grid
from edgent.bandwidth.student_t import student_t_cdf
from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

_SURPRISE = 0.005
"""An observation changes the state if a larger or smaller one had at most this probability."""
_LEAST_SPREAD = 0.02
"""No link is steadier than this, in standard deviations of the logarithm."""


class MovingAverageForecast:
    """The next observation is spread about the moving mean as the last ones were about the means before them.

    The variance is that of the forecast's errors (West, 1979, with exponential forgetting). The distribution
    is Student's t with as many degrees of freedom as the average has observations in effect. An observation
    of weight w moves both by a w-th of the rate; while few have been seen the mean is theirs alone.

    Args:
        rate: Share of an observation of weight 1 in the mean, above 0 and up to 0.5.
        spread: Standard deviation of the logarithm that is expected before any observation.

    Example:
        >>> average = MovingAverageForecast()
        >>> for bandwidth_bps in (1e6, 1.1e6, 0.9e6, 1e6):
        ...     average.update(bandwidth_bps)
        >>> round(average.mean_bps), average.changed
        (986804, False)
    """

    def __init__(self, rate: float = 0.4, spread: float = 0.4) -> None:
        if not 0 < rate <= 0.5:
            raise DataError(f"the rate of a moving average lies above 0 and up to 0.5, not at {rate}")
        if not 0 < spread < math.inf:
            raise DataError(f"the expected spread must be above 0, not {spread}")
        self._rate = rate
        self._first_variance = spread * spread
        # Observations in effect of weights rate * (1 - rate)^k: (sum of weights)^2 / sum of squares.
        self._degrees = max(2.0, (2 - rate) / rate)
        self.reset()

    def reset(self) -> None:
        """Forget every observation."""
        self._mean = math.log(FLOOR_BPS)
        self._seen = 0.0  # share of the mean that observations make up; the rest is its start
        self._variance = self._first_variance
        self._changed = False

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Take in one observation; see `Forecast.update`."""
        value = log_bandwidth(bandwidth_bps, weight)
        step = self._rate * weight
        error = value - self._mean
        if self._seen:
            below = float(self._cdf(np.array(value)))
            self._changed = min(below, 1 - below) < _SURPRISE
            self._variance += step * (error * error - self._variance)
        self._seen += step * (1 - self._seen)
        self._mean += step / self._seen * error

    @property
    def changed(self) -> bool:
        """Whether the last observation was all but ruled out by the forecast before it."""
        return self._changed

    @property
    def mean_bps(self) -> float:
        """Exponential of the moving mean; the floor before any observation."""
        return math.exp(self._mean)

    @property
    def spread(self) -> float:
        """Standard deviation of the logarithm that the distribution has: of the forecast's errors lately."""
        return max(math.sqrt(self._variance), _LEAST_SPREAD)

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next observation <= bandwidth); before any observation the link counts as down."""
        return self._cdf(log_grid(bandwidth_bps))

    def _cdf(self, log_value: Floats) -> Floats:
        return student_t_cdf((log_value - self._mean) / self.spread, self._degrees)
