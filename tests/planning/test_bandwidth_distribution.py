"""A forecast's distribution, looked up for many candidates."""

import numpy as np
import pytest

from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.planning.bandwidth_distribution import BandwidthDistribution


@pytest.fixture
def forecast() -> ChangePointForecast:
    """One that has seen a steady 2 Mbps."""
    forecast = ChangePointForecast(ChangePointPrior())
    for bandwidth in 2e6 * np.exp(0.2 * np.random.default_rng(5).standard_normal(30)):
        forecast.update(bandwidth)
    return forecast


def test_probabilities_are_those_of_the_forecast(forecast: ChangePointForecast) -> None:
    """Between the points that were asked the difference is small."""
    bandwidth = np.geomspace(1e5, 4e7, 997)
    at_least = BandwidthDistribution.of(forecast).at_least(bandwidth)
    assert at_least == pytest.approx(1 - forecast.cdf(bandwidth), abs=0.01)


def test_nothing_needed_is_sure_and_the_impossible_is_not(forecast: ChangePointForecast) -> None:
    """0 bit/s are always there, infinitely many never."""
    assert BandwidthDistribution.of(forecast).at_least(np.array([0.0, np.inf])).tolist() == [1.0, 0.0]


def test_quantiles_share_the_distribution_equally(forecast: ChangePointForecast) -> None:
    """The cdf at the sixteen quantiles is the middle of each sixteenth."""
    quantiles = BandwidthDistribution.of(forecast).quantiles_bps
    assert forecast.cdf(quantiles) == pytest.approx((np.arange(16) + 0.5) / 16, abs=0.01)


def test_cells_share_the_distribution_and_are_narrow_where_it_is_slow(forecast: ChangePointForecast) -> None:
    """Six bandwidths, each in the middle of its share."""
    bandwidth_bps, share = BandwidthDistribution.of(forecast).cells()
    assert share.sum() == pytest.approx(1)
    assert forecast.cdf(bandwidth_bps) == pytest.approx(np.cumsum(share) - share / 2, abs=0.01)
    assert share[0] == pytest.approx(0.01)
