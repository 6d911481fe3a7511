"""The last observation, spread as its errors were."""

import math
from collections import deque

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.forecast import FLOOR_BPS, log_bandwidth, log_grid
from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

_PRIOR_QUANTILES = 16
_PRIOR_WEIGHT = 4.0
"""What the given spread counts for beside the observed errors, in observations."""


class LastValueForecast:
    """The next observation equals the last, but for an error like those before.

    The errors (differences of logarithms) of the last `memory` observations, together with a few that stand
    for the spread given, are the distribution: nothing is assumed of its shape. An error counts for the
    smaller weight of its two observations.

    Args:
        spread: Standard deviation of the logarithm expected before any error is known, 0 for none.
        memory: Errors remembered, 0 or more; with 0 the spread stays as given.

    Example:
        >>> last = LastValueForecast(spread=0.0, memory=0)
        >>> last.update(2e6)
        >>> last.cdf([1.9e6, 2.1e6])
        array([0., 1.])
    """

    def __init__(self, spread: float = 0.4, memory: int = 60) -> None:
        if not 0 <= spread < math.inf:
            raise DataError(f"the expected spread must be 0 or more, not {spread}")
        if memory < 0:
            raise DataError(f"the memory is a number of errors, 0 or more, not {memory}")
        # Quantiles of a logistic distribution of this standard deviation: closed form, heavier than normal.
        level = (np.arange(_PRIOR_QUANTILES) + 0.5) / _PRIOR_QUANTILES
        self._prior_errors = spread * math.sqrt(3) / math.pi * np.log(level / (1 - level))
        self._prior_weights = np.full(_PRIOR_QUANTILES, _PRIOR_WEIGHT / _PRIOR_QUANTILES)
        self._memory = memory
        self.reset()

    def reset(self) -> None:
        """Forget every observation."""
        self._value: float | None = None
        self._weight = 1.0
        self._changed = False
        self._errors: deque[tuple[float, float]] = deque(maxlen=self._memory)

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Take in one observation; see `Forecast.update`."""
        value = log_bandwidth(bandwidth_bps, weight)
        if self._value is not None:
            self._errors.append((value - self._value, min(weight, self._weight)))
            self._changed = value != self._value
        self._value = value
        self._weight = weight

    @property
    def changed(self) -> bool:
        """Whether the last observation differed from the one before it."""
        return self._changed

    @property
    def mean_bps(self) -> float:
        """The last observation; the floor before any."""
        return FLOOR_BPS if self._value is None else math.exp(self._value)

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next observation <= bandwidth); before any observation the link counts as down."""
        value = math.log(FLOOR_BPS) if self._value is None else self._value
        observed = np.array(self._errors, dtype=np.float64).reshape(-1, 2)
        errors = np.concatenate([self._prior_errors, observed[:, 0]])
        weights = np.concatenate([self._prior_weights, observed[:, 1]])
        order = np.argsort(errors, kind="stable")
        below = np.concatenate([[0.0], np.cumsum(weights[order])])
        # A hair of tolerance: exp and log of the value itself may differ in the last digit.
        grid = log_grid(bandwidth_bps) - value + 1e-12
        probability: Floats = below[np.searchsorted(errors[order], grid, side="right")] / below[-1]
        return probability
