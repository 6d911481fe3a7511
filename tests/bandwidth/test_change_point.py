"""Online change point detection: the posterior, the detections, the weights."""

import math

import changepoint
import numpy as np
import pytest
from scipy import stats

from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.generator import DEMO_LEVELS_BPS, markov_states, piecewise_trace
from edgent.errors import DataError

PRIOR = ChangePointPrior()


def alarms(forecast: ChangePointForecast, bandwidth_bps: np.ndarray) -> list[int]:
    """Indices of the observations that changed the state."""
    detected = []
    for index, value in enumerate(bandwidth_bps.tolist()):
        forecast.update(value)
        if forecast.changed:
            detected.append(index)
    return detected


@pytest.mark.parametrize(
    "prior", [PRIOR, ChangePointPrior(mean=12.0, kappa=0.02, alpha=2.5, beta=0.4, hazard=1 / 100)]
)
def test_posterior_equals_an_independent_implementation(prior: ChangePointPrior) -> None:
    """Run length probabilities of the PyPI package `changepoint`, to 1e-9, while no run is truncated.

    That package drops the first observation it is given, so it gets one more.
    """
    rng = np.random.default_rng(5)
    bandwidth_bps = np.array(DEMO_LEVELS_BPS)[markov_states(rng, 150, 5)] * rng.lognormal(0, 0.15, 150)
    oracle = changepoint.Bocpd(
        changepoint.NormalInvGamma(prior.mean, 1 / prior.kappa, prior.alpha, prior.beta), 1 / prior.hazard
    )
    oracle.step(0.0)
    forecast = ChangePointForecast(prior, longest_run=150)
    for value in bandwidth_bps.tolist():
        forecast.update(value)
        np.testing.assert_allclose(
            forecast.run_length_probability, oracle.step(math.log(value)), atol=1e-9, rtol=0
        )


def test_truncation_changes_little_and_keeps_a_distribution() -> None:
    """Twenty run lengths give the forecasts of all of them, within a few hundredths."""
    rng = np.random.default_rng(6)
    bandwidth_bps = np.array(DEMO_LEVELS_BPS)[markov_states(rng, 120, 5)] * rng.lognormal(0, 0.15, 120)
    truncated, full = ChangePointForecast(PRIOR, 20), ChangePointForecast(PRIOR, 120)
    grid_bps = np.geomspace(1e4, 1e8, 100)
    for value in bandwidth_bps.tolist():
        truncated.update(value)
        full.update(value)
        assert truncated.run_length_probability.sum() == pytest.approx(1.0)
        assert truncated.run_length_probability.size <= 21
        assert np.abs(truncated.cdf(grid_bps) - full.cdf(grid_bps)).max() < 0.05


def test_detections_are_pinned() -> None:
    """Exact indices on seeded data: levels change at 20, 40, 60 and (an outage) 80; 37 is a false alarm."""
    level_bps = np.repeat([1e6, 3e6, 0.4e6, 1e6, 0.0], 20)
    trace = piecewise_trace(np.random.default_rng(11), level_bps)
    assert alarms(ChangePointForecast(PRIOR), trace.bandwidth_bps) == [20, 37, 40, 60, 80]


def test_almost_all_changes_are_found_at_once() -> None:
    """On the Markov generator: at least 9 of 10 detected within 5 observations, at most 2 false per 100."""
    detected = changes = false = samples = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        states = markov_states(rng, 200, 5)
        trace = piecewise_trace(rng, np.array(DEMO_LEVELS_BPS)[states])
        heard = alarms(ChangePointForecast(PRIOR), trace.bandwidth_bps)
        truth = (np.flatnonzero(np.diff(states)) + 1).tolist()
        near = [next((alarm for alarm in heard if 0 <= alarm - change < 5), None) for change in truth]
        detected += sum(alarm is not None for alarm in near)
        changes += len(truth)
        false += len(set(heard) - set(near))
        samples += trace.bandwidth_bps.size
    assert detected >= 0.9 * changes
    assert false <= 0.02 * samples


def test_first_forecast_is_the_priors_student_t() -> None:
    """Before any observation: location, scale and degrees of freedom of Murphy (2007), equation 100."""
    value_bps = np.geomspace(1e4, 1e9, 50)
    scale = math.sqrt(PRIOR.beta * (PRIOR.kappa + 1) / (PRIOR.alpha * PRIOR.kappa))
    expected = stats.t.cdf(np.log(value_bps), 2 * PRIOR.alpha, PRIOR.mean, scale)
    np.testing.assert_allclose(ChangePointForecast(PRIOR).cdf(value_bps), expected, atol=1e-6)
    assert ChangePointForecast(PRIOR).mean_bps == pytest.approx(2e6)


def test_weights_are_powers_of_the_likelihood() -> None:
    """The run lengths after two weighted observations, by numerical integration."""
    prior = ChangePointPrior(mean=14.0, kappa=0.5, alpha=3.0, beta=0.4, hazard=0.1)
    mean, log_precision = np.meshgrid(np.linspace(8, 20, 1201), np.linspace(-5, 6, 441))
    precision = np.exp(log_precision)
    # The last factor is the step from precision to its logarithm.
    belief = (
        stats.gamma.pdf(precision, prior.alpha, scale=1 / prior.beta)
        * stats.norm.pdf(mean, prior.mean, (prior.kappa * precision) ** -0.5)
        * precision
    )
    belief /= belief.sum()

    def evidence(*observed: tuple[float, float]) -> float:
        likelihood = [stats.norm.pdf(value, mean, precision**-0.5) ** weight for value, weight in observed]
        return float((belief * np.prod(likelihood, axis=0)).sum())

    first, second = (14.2, 0.3), (13.5, 0.6)
    grown = (1 - prior.hazard) * evidence(first, second)
    fresh = prior.hazard * evidence(first) * evidence(second)
    forecast = ChangePointForecast(prior)
    for value, weight in (first, second):
        forecast.update(math.exp(value), weight)
    assert forecast.run_length_probability[1:] == pytest.approx(
        (1 - prior.hazard) * np.array([fresh, grown]) / (fresh + grown), rel=1e-4
    )


def test_refuses_impossible_priors() -> None:
    """No distribution, or no truncation."""
    with pytest.raises(DataError, match="hazard"):
        ChangePointPrior(hazard=0.0)
    with pytest.raises(DataError, match="alpha >= 1"):
        ChangePointPrior(alpha=0.5)
    with pytest.raises(DataError, match="2 observations or more, not 1"):
        ChangePointForecast(PRIOR, longest_run=1)
