"""What every forecast promises, whichever it is."""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.conformal import ConformalForecast
from edgent.bandwidth.forecast import FLOOR_BPS, Forecast
from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.errors import DataError

MAKERS: tuple[Callable[[], Forecast], ...] = (
    lambda: ChangePointForecast(ChangePointPrior()),
    MovingAverageForecast,
    LastValueForecast,
    lambda: LastValueForecast(spread=0.0, memory=0),
    ConformalForecast,
)
each_forecast = pytest.mark.parametrize(
    "make", MAKERS, ids=["change point", "average", "last", "point", "conformal"]
)
GRID_BPS = np.concatenate([[-1.0, 0.0], np.geomspace(1.0, 1e10, 200), [np.inf]])


def follow(forecast: Forecast, observations: list[tuple[float, float]]) -> list[tuple[bool, float, bytes]]:
    """Everything that a forecast says after each observation."""
    said = []
    for bandwidth_bps, weight in observations:
        forecast.update(bandwidth_bps, weight)
        said.append((forecast.changed, forecast.mean_bps, forecast.cdf(GRID_BPS).tobytes()))
    return said


@each_forecast
@settings(max_examples=25)
@given(observations=st.lists(st.tuples(st.floats(0, 1e10), st.floats(1e-6, 1)), min_size=0, max_size=30))
def test_cdf_is_a_distribution(make: Callable[[], Forecast], observations: list[tuple[float, float]]) -> None:
    """From 0 at no bandwidth it rises to 1, whatever was observed; the mean is finite."""
    forecast = make()
    follow(forecast, observations)
    cdf = forecast.cdf(GRID_BPS)
    assert cdf[0] == cdf[1] == 0.0
    assert cdf[-1] == pytest.approx(1.0)
    assert np.all((cdf >= 0) & (cdf <= 1))
    assert np.all(np.diff(cdf) >= -1e-12)
    assert FLOOR_BPS * (1 - 1e-9) <= forecast.mean_bps < np.inf


@each_forecast
def test_pure_and_repeatable(make: Callable[[], Forecast]) -> None:
    """Asking changes nothing; the same observations give the same answers, also after a reset."""
    rng = np.random.default_rng(0)
    observations = list(zip(rng.lognormal(14, 1, 50).tolist(), rng.uniform(0.1, 1, 50).tolist(), strict=True))
    forecast = make()
    first = follow(forecast, observations)
    assert first == follow(make(), observations)
    forecast.reset()
    assert first == follow(forecast, observations)
    silent = make()
    for bandwidth_bps, weight in observations:
        silent.update(bandwidth_bps, weight)
    assert silent.cdf(GRID_BPS).tobytes() == first[-1][2]


@each_forecast
def test_shapes(make: Callable[[], Forecast]) -> None:
    """The answer has the question's shape, scalars included."""
    forecast = make()
    forecast.update(1e6)
    assert forecast.cdf(1e6).shape == ()
    assert forecast.cdf(np.ones((3, 4))).shape == (3, 4)
    assert isinstance(forecast, Forecast)


@each_forecast
def test_a_constant_is_foretold(make: Callable[[], Forecast]) -> None:
    """A thousand equal observations: no change, that mean, nearly all mass about it."""
    forecast = make()
    said = follow(forecast, [(1e6, 1.0)] * 1000)
    assert not any(changed for changed, _, _ in said)
    assert forecast.mean_bps == pytest.approx(1e6, rel=1e-3)
    assert forecast.cdf(0.8e6) < 0.05
    assert forecast.cdf(1.25e6) > 0.95


@each_forecast
def test_zeros_are_an_outage(make: Callable[[], Forecast]) -> None:
    """After zeros the link is down; it is seen to come back."""
    forecast = make()
    follow(forecast, [(0.0, 1.0)] * 30)
    assert forecast.mean_bps == pytest.approx(FLOOR_BPS, rel=0.02)
    assert forecast.cdf(2 * FLOOR_BPS) > 0.9
    forecast.update(5e6)
    assert forecast.changed
    follow(forecast, [(5e6, 1.0)] * 10)
    assert forecast.mean_bps == pytest.approx(5e6, rel=0.1)


@each_forecast
@pytest.mark.parametrize("bandwidth_bps", [-1.0, float("nan"), float("inf")])
def test_refuses_what_is_no_bandwidth(make: Callable[[], Forecast], bandwidth_bps: float) -> None:
    """A bad observation is refused and leaves the forecast as it was."""
    forecast = make()
    forecast.update(1e6)
    before = forecast.cdf(GRID_BPS)
    with pytest.raises(DataError, match="observed bandwidth"):
        forecast.update(bandwidth_bps)
    for weight in (0.0, -0.1, 1.1, float("nan")):
        with pytest.raises(DataError, match="weight"):
            forecast.update(1e6, weight)
    assert np.array_equal(forecast.cdf(GRID_BPS), before)


@each_forecast
def test_a_light_observation_tells_less(make: Callable[[], Forecast]) -> None:
    """The mean after a small transfer lies between those after none and after a large one."""
    means = []
    for weight in (0.1, 1.0):
        forecast = make()
        follow(forecast, [(1e6, 1.0)] * 10)
        forecast.update(1.5e6, weight)
        means.append(forecast.mean_bps)
    assert 1e6 * (1 - 1e-3) <= means[0] <= means[1]


@each_forecast
def test_memory_is_flat(make: Callable[[], Forecast]) -> None:
    """A long stream of observations of any weight takes no more memory than a short one."""
    bandwidth_bps = demo_traces(1, samples=5000)[0].bandwidth_bps
    weights = np.random.default_rng(0).uniform(0.05, 1, bandwidth_bps.size)
    forecast = make()

    def run(start: int, stop: int) -> None:
        for value, weight in zip(bandwidth_bps[start:stop], weights[start:stop], strict=True):
            forecast.update(value, weight)
            if weight > 0.9:
                forecast.cdf(1e6)

    run(0, 1000)
    tracemalloc.start()
    try:
        run(1000, 2000)
        before_bytes, _ = tracemalloc.get_traced_memory()
        run(2000, 5000)
        after_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after_bytes - before_bytes < 50_000


def test_a_device_needs_numpy_alone() -> None:
    """The forecasts and the states load none of the workbench's libraries."""
    program = (
        "import sys, edgent.bandwidth.bandwidth_state, edgent.bandwidth.change_point,"
        " edgent.bandwidth.moving_average, edgent.bandwidth.last_value;"
        "print(sorted({'scipy', 'ruptures', 'matplotlib', 'torch'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
