"""A forecast of the next transfer's bandwidth, made ready for thousands of plans.

A forecast's distribution is asked once, at bandwidths about its mean; plans are then looked up between
these, linearly in the logarithm of the bandwidth. What lies beyond them counts as bad luck.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.forecast_checks import checked_cdf, checked_mean_bps
from edgent.planning.costs import FloatArray

FURTHEST = 32.0
"""Bandwidths are looked at up to so many times the mean, and down to that part of it."""

_REACH = np.log(FURTHEST) * np.linspace(-1.0, 1.0, 81)
"""Logarithm of the bandwidths looked at, relative to the mean; they are 9 % apart."""

_LEVELS = (np.arange(16) + 0.5) / 16
"""Probabilities of the quantiles that stand for the distribution: the middles of 16 equal shares."""

_BORDERS = np.array([0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 1.0])
"""Probabilities between which a cell of the distribution lies: narrow where answers come late."""

_OWN = "edgent."
"""Modules of forecasts that tests hold to be distributions, so that a decision need not look."""


@dataclass(frozen=True, eq=False)
class BandwidthDistribution:
    """The distribution of the next bandwidth.

    Attributes:
        log_bandwidth: natural logarithms of bandwidths in bit/s, rising. Shape (n,).
        cdf: P(next bandwidth <= that). Shape (n,).
    """

    log_bandwidth: FloatArray
    cdf: FloatArray

    @classmethod
    def of(cls, forecast: Forecast) -> "BandwidthDistribution":
        """What a forecast says now.

        Raises:
            PluginError: the forecast of another package has no mean above 0, or its cdf is no distribution.
        """
        if type(forecast).__module__.startswith(_OWN):
            log_bandwidth = np.log(forecast.mean_bps) + _REACH
            return cls(log_bandwidth, forecast.cdf(np.exp(log_bandwidth)))
        log_bandwidth = np.log(checked_mean_bps(forecast)) + _REACH
        return cls(log_bandwidth, checked_cdf(forecast, np.exp(log_bandwidth)))

    @property
    def middle_bps(self) -> float:
        """The forecast's mean."""
        return float(np.exp(self.log_bandwidth[self.log_bandwidth.size // 2]))

    def at_least(self, bandwidth_bps: FloatArray) -> FloatArray:
        """P(next bandwidth >= each of these): 1 at 0, and 0 beyond the reach."""
        with np.errstate(divide="ignore"):
            wanted = np.log(bandwidth_bps)
        at_least = 1.0 - np.interp(wanted, self.log_bandwidth, self.cdf, right=1.0)
        return np.where(bandwidth_bps <= 0, 1.0, at_least)

    @cached_property
    def quantiles_bps(self) -> FloatArray:
        """Sixteen bandwidths, each standing for an equal share of the distribution. Shape (16,)."""
        return self.at(_LEVELS)

    def at(self, levels: FloatArray) -> FloatArray:
        """The bandwidths, bit/s, below which the next one lies with these probabilities. In their shape."""
        quantiles_bps: FloatArray = np.exp(np.interp(levels, self.cdf, self.log_bandwidth))
        return quantiles_bps

    def cells(self) -> tuple[FloatArray, FloatArray]:
        """Bandwidths in bit/s that stand for the distribution, low ones closely, and the share of each.

        Both of shape (6,).
        """
        middles = (_BORDERS[:-1] + _BORDERS[1:]) / 2
        return self.at(middles), np.diff(_BORDERS)
