"""What every detector and forecast does: it takes in bandwidths and predicts the next.

All of them work on the logarithm of the bandwidth, on which a link's noise is alike at every level.
"""

import math
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

FLOOR_BPS = 10e3
"""Bandwidth below which a link counts as down: observations from 0 to here are read as this value.

Below it a `cdf` is flat: `cdf(b)` is 0 for b <= 0 and `cdf(FLOOR_BPS)` for b between.
"""

LEAST_WEIGHT = 1e-6
"""Least weight of an observation."""


@runtime_checkable
class Forecast(Protocol):
    """Follows a bandwidth, observation by observation; equal observations give equal answers."""

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Take in one observation.

        Args:
            bandwidth_bps: Measured bandwidth, finite, 0 or more.
            weight: What it tells, from `LEAST_WEIGHT` to 1: 1 for a transfer long enough to fill the link,
                less where round trip and slow start dominate.

        Raises:
            DataError: Not such a bandwidth or weight.
        """

    @property
    def changed(self) -> bool:
        """Whether the last observation showed that the bandwidth's state changed."""

    @property
    def mean_bps(self) -> float:
        """The level that the bandwidth is at: the exponential of the mean logarithm."""

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next observation <= bandwidth), for bandwidths of any shape; the result has their shape."""

    def reset(self) -> None:
        """Forget every observation."""


def log_bandwidth(bandwidth_bps: float, weight: float) -> float:
    """The logarithm of an observation, not below that of the floor.

    Raises:
        DataError: The bandwidth is negative or not finite, or the weight outside its range.
    """
    if not 0 <= bandwidth_bps < math.inf:
        raise DataError(f"an observed bandwidth is a finite number of bit/s, 0 or more, not {bandwidth_bps}")
    if not LEAST_WEIGHT <= weight <= 1:
        raise DataError(f"the weight of an observation lies between {LEAST_WEIGHT} and 1, not at {weight}")
    return math.log(max(bandwidth_bps, FLOOR_BPS))


def log_grid(bandwidth_bps: ArrayLike) -> Floats:
    """The logarithm at which to evaluate a cdf: minus infinity up to 0, that of the floor up to the floor."""
    bandwidth = np.asarray(bandwidth_bps, dtype=np.float64)
    return np.where(bandwidth > 0, np.log(np.maximum(bandwidth, FLOOR_BPS)), -np.inf)
