"""Seeded traces."""

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces, markov_states, piecewise_trace


def test_the_same_seed_gives_the_same_traces() -> None:
    """And another seed others."""
    one, two, other = (demo_traces(3, samples=50, seed=seed) for seed in (4, 4, 5))
    for left, right in zip(one, two, strict=True):
        assert left.name == right.name
        assert np.array_equal(left.bandwidth_bps, right.bandwidth_bps)
    assert not np.array_equal(one[0].bandwidth_bps, other[0].bandwidth_bps)


def test_runs_last_as_long_as_asked_and_moves_prefer_neighbours() -> None:
    """Mean run of ten samples; a step of one state is likelier than one of three."""
    states = markov_states(np.random.default_rng(0), 50_000, 4, mean_run=10)
    steps = np.abs(np.diff(states))
    assert (steps > 0).mean() == pytest.approx(0.1, rel=0.1)
    assert (steps == 1).sum() > 3 * (steps == 3).sum()
    assert set(states.tolist()) == {0, 1, 2, 3}


def test_noise_has_the_spread_and_the_correlation_asked_for() -> None:
    """First-order autoregression in the logarithm; a level of zero stays zero."""
    trace = piecewise_trace(
        np.random.default_rng(0), np.full(50_000, 1e6), noise=0.2, autocorrelation=0.6, interval_s=0.5
    )
    logs = np.log(trace.bandwidth_bps / 1e6)
    assert logs.std() == pytest.approx(0.2, rel=0.05)
    assert np.corrcoef(logs[:-1], logs[1:])[0, 1] == pytest.approx(0.6, abs=0.03)
    assert trace.total_s == pytest.approx(25_000)
    outage = piecewise_trace(np.random.default_rng(0), [1e6, 0.0, 1e6])
    assert outage.bandwidth_bps[1] == 0.0


def test_demo_traces_hold_an_outage() -> None:
    """Every fifth has one, so that demo runs show it."""
    down = [bool((trace.bandwidth_bps == 0).any()) for trace in demo_traces(10)]
    assert down == [False] * 4 + [True] + [False] * 4 + [True]
