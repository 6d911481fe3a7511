"""Recent errors as the distribution, and outages apart: probabilities that come true as often as they say."""

import math
from collections import deque

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.forecast import FLOOR_BPS, log_bandwidth, log_grid
from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

_RATES = np.array([1.0, 0.4, 0.05])
"""Of the averages about which the next observation is expected: the last value, a quick and a slow mean."""
_SHARES = np.array([0.5, 0.3, 0.2])
_PRIOR_LEVELS = (np.arange(16) + 0.5) / 16
_PRIOR_WEIGHT = 8.0
"""What the given spread counts for beside the observed errors, in observations."""
_OUTAGES = np.array([[0.04, 2.0], [1.0, 2.0]])
"""Outages and observations taken as seen before the first: behind a link that is up, and behind an outage."""
_FORGETTING = 0.005
_SURPRISE = 0.005
"""An observation changes the state if a larger or smaller one had at most this probability."""


class ConformalForecast:
    """The next observation misses an average of the last ones as these were missed: conformal prediction.

    Nothing is assumed of the errors' shape (Vovk, Shen, Manokhin and Xie, 2017). The average leans to a slow
    mean, to which links return. An observation at the floor is an outage: it is followed by another one as
    often as outages were, begins as often as they began, and is no error of the average.

    Args:
        spread: Standard deviation of the logarithm expected before any error is known, above 0.
        memory: Errors remembered, 1 or more.

    Example:
        >>> forecast = ConformalForecast()
        >>> for bandwidth_bps in (1e6, 1.2e6, 0.9e6, 0.0, 1.1e6) * 20:
        ...     forecast.update(bandwidth_bps)
        >>> forecast.cdf([20e3, 2e6]).round(1)  # one in four of those that follow a link that is up
        array([0.2, 1. ])
    """

    def __init__(self, spread: float = 0.4, memory: int = 100) -> None:
        if not 0 < spread < math.inf:
            raise DataError(f"the expected spread must be above 0, not {spread}")
        if memory < 1:
            raise DataError(f"the memory is a number of errors, 1 or more, not {memory}")
        # Quantiles of a logistic distribution of this standard deviation: heavier than normal.
        logit = np.log(_PRIOR_LEVELS / (1 - _PRIOR_LEVELS))
        self._prior_errors = spread * math.sqrt(3) / math.pi * logit
        self._memory = memory
        self.reset()

    def reset(self) -> None:
        """Forget every observation."""
        self._averages: Floats | None = None
        self._errors: deque[tuple[float, float]] = deque(maxlen=self._memory)
        self._outages = _OUTAGES.copy()
        self._is_down: bool | None = None
        self._changed = False

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Take in one observation; see `Forecast.update`."""
        value = log_bandwidth(bandwidth_bps, weight)
        is_outage = bandwidth_bps <= FLOOR_BPS
        if self._is_down is not None:
            below = float(self.cdf(max(bandwidth_bps, FLOOR_BPS)))
            is_surprise = not is_outage and min(below, 1 - below) < _SURPRISE
            self._changed = is_outage != self._is_down or is_surprise
            row = self._outages[int(self._is_down)]
            row *= 1 - _FORGETTING * weight
            row += weight * np.array([is_outage, 1.0])
        self._is_down = is_outage
        if is_outage:
            return
        if self._averages is None:
            self._averages = np.full(_RATES.size, value)
            return
        self._errors.append((value - float(_SHARES @ self._averages), weight))
        self._averages += np.append(_RATES[:1], _RATES[1:] * weight) * (value - self._averages)

    @property
    def changed(self) -> bool:
        """Whether an outage began or ended, or the last observation was all but ruled out."""
        return self._changed

    @property
    def mean_bps(self) -> float:
        """Exponential of the mean logarithm, outages among it; the floor before any observation."""
        if self._averages is None:
            return FLOOR_BPS
        down = self._down_probability
        return math.exp((1 - down) * float(_SHARES @ self._averages) + down * math.log(FLOOR_BPS))

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next observation <= bandwidth); before any observation the link counts as down."""
        grid = log_grid(bandwidth_bps)
        if self._averages is None:
            return np.where(grid > -np.inf, 1.0, 0.0)
        observed = np.array(self._errors, dtype=np.float64).reshape(-1, 2)
        errors = np.concatenate([self._prior_errors, observed[:, 0]])
        weights = np.concatenate(
            [np.full(_PRIOR_LEVELS.size, _PRIOR_WEIGHT / _PRIOR_LEVELS.size), observed[:, 1]]
        )
        order = np.argsort(errors, kind="stable")
        below = np.cumsum(weights[order])
        share = (below - weights[order] / 2) / below[-1]
        miss = grid - float(_SHARES @ self._averages)
        beyond = np.interp(miss, errors[order], share, left=0.0, right=1.0)
        down = self._down_probability
        return np.where(grid > -np.inf, down + (1 - down) * beyond, 0.0)

    @property
    def _down_probability(self) -> float:
        outages, observations = self._outages[1 if self._is_down else 0]
        return float(outages / observations)
