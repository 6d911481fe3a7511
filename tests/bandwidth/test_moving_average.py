"""Exponentially weighted mean and variance."""

import math

import numpy as np
import pytest

from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.errors import DataError


def test_mean_is_the_weighted_mean_of_logarithms() -> None:
    """Against the closed form: weights (1 - rate)^k, normalised over what was seen."""
    rng = np.random.default_rng(0)
    logs = rng.normal(14, 0.3, 12)
    average = MovingAverageForecast(rate=0.3)
    for value in logs:
        average.update(math.exp(value))
    weights = 0.7 ** np.arange(12)[::-1]
    assert math.log(average.mean_bps) == pytest.approx(np.average(logs, weights=weights))


def test_spread_is_learnt() -> None:
    """After many observations the forecast holds what it says: 90 % between its 5 % and 95 % points."""
    rng = np.random.default_rng(1)
    average = MovingAverageForecast(rate=0.2, spread=2.0)
    below = []
    for value in rng.normal(14, 0.2, 2000):
        below.append(float(average.cdf(math.exp(value))))
        average.update(math.exp(value))
    inside = np.mean((np.array(below[100:]) > 0.05) & (np.array(below[100:]) < 0.95))
    assert inside == pytest.approx(0.9, abs=0.03)


def test_detections_are_pinned() -> None:
    """Exact indices on seeded data whose level falls at 30."""
    rng = np.random.default_rng(2)
    average = MovingAverageForecast()
    heard = []
    for index, level in enumerate(np.repeat([14.0, 12.0], 30)):
        average.update(math.exp(level + 0.1 * rng.standard_normal()))
        if average.changed:
            heard.append(index)
    assert heard == [30]


def test_refuses_impossible_settings() -> None:
    """A rate over one half has no distribution with a variance; a spread must be one."""
    for rate in (0.0, 0.6):
        with pytest.raises(DataError, match="rate"):
            MovingAverageForecast(rate=rate)
    with pytest.raises(DataError, match="spread"):
        MovingAverageForecast(spread=0.0)
