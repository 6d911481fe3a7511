"""What a forecast of another package says is looked at: a wrong one does not weigh plans in silence."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from edgent.bandwidth.forecasts import FORECASTS
from edgent.bandwidth.traces import Floats
from edgent.errors import PluginError
from edgent.planning.bandwidth_distribution import BandwidthDistribution


class Said:
    """A forecast that says what it was made with."""

    changed = False

    def __init__(self, mean_bps: Any = 1e6, cdf: Any = None) -> None:
        self.mean_bps = mean_bps
        self._cdf = cdf

    def update(self, bandwidth_bps: float, weight: float = 1.0) -> None:
        """Stay as it is."""

    def reset(self) -> None:
        """Stay as it is."""

    def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """That; else 0 below the mean and 1 from there on."""
        bandwidths_bps = np.asarray(bandwidth_bps)
        if self._cdf is None:
            step: Floats = (bandwidths_bps >= self.mean_bps * (1 - 1e-9)).astype(np.float64)
            return step
        said: Floats = self._cdf(bandwidths_bps)
        return said


class Unready(Said):
    """A forecast that has no mean before its first update."""

    def __init__(self) -> None:
        """Know nothing."""


def test_what_a_forecast_lacks_is_named() -> None:
    """Its properties answer before the first update, too."""
    with pytest.raises(PluginError, match=r"'unready' gives .*Unready.* that lacks mean_bps; it must be"):
        FORECASTS.add("unready", lambda _: Unready())
    assert "unready" not in FORECASTS


def test_a_distribution_is_taken() -> None:
    """One that is all at the mean."""
    taken = BandwidthDistribution.of(Said())
    assert taken.at_least(np.array([0.5e6, 2e6])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("mean_bps", [0.0, -5.0, math.nan, math.inf, None, "1 Mbps"])
def test_a_mean_that_is_no_bandwidth_is_refused(mean_bps: object) -> None:
    """With the forecast's class and the value."""
    with pytest.raises(PluginError, match=r"forecast .*test_forecast_checks\.Said has mean_bps .* above 0"):
        BandwidthDistribution.of(Said(mean_bps))


@pytest.mark.parametrize(
    ("cdf", "said"),
    [
        (lambda _: None, "a cdf of None for bandwidths of shape"),
        (lambda _: 0.5, r"a cdf of 0\.5 for bandwidths of shape"),
        (lambda bps: np.zeros(bps.size - 1), r"a cdf of shape \(80,\) for bandwidths of shape \(81,\)"),
        (lambda bps: np.full(bps.shape, np.nan), "is no distribution: .* from nan to nan"),
        (lambda bps: np.linspace(1.0, 0.0, bps.size), "is no distribution: .* from 1 to 0"),
        (lambda bps: np.linspace(-1.0, 2.0, bps.size), "is no distribution: .* from -1 to 2"),
    ],
)
def test_probabilities_that_are_none_are_refused(cdf: object, said: str) -> None:
    """Of another shape, no numbers, falling, or beyond 0 and 1."""
    with pytest.raises(PluginError, match=said):
        BandwidthDistribution.of(Said(cdf=cdf))
