"""The last value and its errors."""

import numpy as np
import pytest

from edgent.bandwidth.last_value import LastValueForecast
from edgent.errors import DataError


def test_errors_are_remembered_and_forgotten() -> None:
    """Of the last four steps three were upwards by half and one down to where it began."""
    last = LastValueForecast(spread=0.0, memory=4)
    for bandwidth_bps in (8e6, 1e6, 1.5e6, 2.25e6, 3.375e6, 1e6):
        last.update(bandwidth_bps)
    assert last.mean_bps == pytest.approx(1e6)
    assert last.changed
    # The given spread of none counts as four errors of zero.
    assert last.cdf([0.29e6, 0.3e6, 0.99e6, 1.01e6, 1.51e6]) == pytest.approx([0, 1 / 8, 1 / 8, 5 / 8, 1])


def test_an_error_counts_for_the_lighter_of_its_observations() -> None:
    """A step measured by one small transfer is a quarter of an error."""
    last = LastValueForecast(spread=0.0)
    last.update(1e6, 0.25)
    last.update(2e6, 1.0)
    assert last.cdf(2.1e6) == pytest.approx(4 / 4.25)


def test_the_given_spread_stands_until_errors_are_known() -> None:
    """Its standard deviation is the one asked for, within the few quantiles that stand for it."""
    last = LastValueForecast(spread=0.5)
    last.update(1e6)
    grid = np.geomspace(1e5, 1e7, 2001)
    share = np.diff(last.cdf(grid))
    logs = np.log(grid[1:] / 1e6)
    assert np.sqrt(share @ logs**2) == pytest.approx(0.5, rel=0.1)


def test_refuses_impossible_settings() -> None:
    """Neither a negative spread nor a negative memory."""
    with pytest.raises(DataError, match="spread"):
        LastValueForecast(spread=-1.0)
    with pytest.raises(DataError, match="memory"):
        LastValueForecast(memory=-1)
