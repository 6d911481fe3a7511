"""A forecast by recent errors."""

import numpy as np
import pytest

from edgent.bandwidth.conformal import ConformalForecast
from edgent.errors import DataError


def test_quantiles_come_true_whatever_the_errors_are() -> None:
    """On skewed noise a tenth lies below the first decile, and so on, within 4 in 100."""
    rng = np.random.default_rng(0)
    forecast, below = ConformalForecast(), []
    for bandwidth_bps in 1e6 * np.exp(-rng.exponential(0.5, 1500)):
        below.append(float(forecast.cdf(bandwidth_bps)))
        forecast.update(bandwidth_bps)
    counts, _ = np.histogram(below[100:], 10, (0, 1))
    assert counts / len(below[100:]) == pytest.approx(np.full(10, 0.1), abs=0.04)


def test_outages_begin_and_go_on_as_often_as_they_did() -> None:
    """One in ten begins, four in five go on: the chance of an outage is that of where the link is."""
    rng = np.random.default_rng(1)
    forecast, is_down = ConformalForecast(), False
    chances: dict[bool, float] = {}
    for _ in range(3000):
        is_down = bool(rng.random() < (0.8 if is_down else 0.1))
        forecast.update(0.0 if is_down else 1e6)
        chances[is_down] = float(forecast.cdf(20e3))
    assert chances[False] == pytest.approx(0.1, abs=0.06)
    assert chances[True] == pytest.approx(0.8, abs=0.1)


def test_an_outage_is_no_error_of_the_average() -> None:
    """After it the link is expected where it was."""
    forecast = ConformalForecast()
    for bandwidth_bps in [1e6] * 30 + [0.0] + [1e6]:
        forecast.update(bandwidth_bps)
    assert forecast.cdf([0.7e6, 1.4e6]) == pytest.approx([0.06, 1.0], abs=0.06)


@pytest.mark.parametrize("values", [{"spread": 0.0}, {"spread": np.inf}, {"memory": 0}])
def test_it_refuses_what_is_no_spread_or_memory(values: dict[str, float]) -> None:
    """With the value in the message."""
    with pytest.raises(DataError, match=r"the expected spread|the memory"):
        ConformalForecast(**values)  # type: ignore[arg-type]  # as a user may
