"""Offline segments, bandwidth states and the prior made from them."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, nearest_state
from edgent.bandwidth.forecast import FLOOR_BPS
from edgent.bandwidth.generator import demo_traces, piecewise_trace
from edgent.bandwidth.prior import fit_prior
from edgent.bandwidth.segments import LONGEST_PIECE, BandwidthSegment, offline_segments
from edgent.bandwidth.states import bandwidth_states
from edgent.bandwidth.trace_files import load_traces
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError

DATA = os.environ.get("EDGENT_DATA_DIR", "")
OBOE = Path(DATA) / "traces" / "oboe"
needs_oboe = pytest.mark.skipif(not (DATA and OBOE.is_dir()), reason="EDGENT_DATA_DIR has no traces/oboe")


def steps(level_bps: list[float], samples: int, seed: int = 0) -> BandwidthTrace:
    """Levels of equally many samples, a little noisy."""
    return piecewise_trace(np.random.default_rng(seed), np.repeat(level_bps, samples), noise=0.05)


def test_segments_are_the_levels() -> None:
    """Changes at 30 and 60, found exactly; together the segments hold the trace."""
    trace = steps([1e6, 4e6, 2e6], 30)
    segments = offline_segments(trace)
    assert [segment.start for segment in segments] == [0, 30, 60]
    together = np.concatenate([segment.log_bandwidth for segment in segments])
    np.testing.assert_array_equal(together, np.log(trace.bandwidth_bps))


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_short_traces_are_one_segment(samples: int) -> None:
    """Too few samples for two levels."""
    (segment,) = offline_segments(steps([1e6], samples))
    assert segment.log_bandwidth.size == samples


def test_constants_outages_and_long_traces() -> None:
    """A constant is one segment, however long, and an outage another one at the floor."""
    assert len(offline_segments(BandwidthTrace("t", np.arange(50.0), np.ones(50), np.full(50, 1e6)))) == 1
    before, down, after = offline_segments(steps([1e6, 0.0, 1e6], 10))
    assert down.start == 10
    assert down.log_bandwidth.tolist() == [np.log(FLOOR_BPS)] * 10
    assert after.start == 20
    assert before.start == 0
    count = LONGEST_PIECE + 10
    assert (
        len(
            offline_segments(
                BandwidthTrace("t", np.arange(count, dtype=np.float64), np.ones(count), np.full(count, 1e6))
            )
        )
        == 1
    )


@pytest.mark.parametrize("off", [-20, -1, 0, 1, 20])
def test_a_level_that_changes_where_the_search_has_a_seam(off: int) -> None:
    """It is found where it is, and the seams leave no traces of their own."""
    levels_bps = np.repeat([1e6, 4e6], [LONGEST_PIECE + off, LONGEST_PIECE + 50])
    segments = offline_segments(piecewise_trace(np.random.default_rng(3), levels_bps, noise=0.05))
    assert [segment.start for segment in segments] == [0, LONGEST_PIECE + off]
    assert sum(segment.log_bandwidth.size for segment in segments) == levels_bps.size


def test_states_of_known_levels() -> None:
    """Three levels a factor of four apart: mean, spread, share and what follows."""
    result = bandwidth_states([steps([1e6, 4e6, 16e6], 100, seed) for seed in range(6)], count=3)
    slow, middle, fast = result.states
    for state, level_bps in ((slow, 1e6), (middle, 4e6), (fast, 16e6)):
        assert state.mean_bps == pytest.approx(level_bps, rel=0.02)
        assert state.spread == pytest.approx(0.05, rel=0.2)
        assert state.share == pytest.approx(1 / 3)
    assert slow.next_states == pytest.approx((0.99, 0.01, 0.0))
    # The last sample of a trace is followed by nothing.
    assert fast.next_states == (0.0, 0.0, 1.0)
    assert result.variance_explained > 0.99
    assert [nearest_state(result.states, bps) for bps in (0.0, 1e6, 1.9e6, 2.1e6, 7.9e6, 8.2e6, 1e12)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
    ]


def test_next_quantiles_are_those_of_the_next_samples() -> None:
    """Against the samples themselves."""
    trace = steps([1e6], 500)
    (state,) = bandwidth_states([trace], count=1).states
    after_bps = trace.bandwidth_bps[1:]
    assert state.next_quantiles_bps == pytest.approx(np.quantile(after_bps, QUANTILE_LEVELS).tolist())


def test_states_of_any_traces_are_proper() -> None:
    """Rising means, shares and rows of transitions that add up; empty levels are left out."""
    result = bandwidth_states(demo_traces(20), count=40)
    means = [state.mean_bps for state in result.states]
    assert all(low < high for low, high in pairwise(means))
    assert 5 <= len(means) < 40
    assert sum(state.share for state in result.states) == pytest.approx(1.0)
    for state in result.states:
        assert len(state.next_states) == len(means)
        assert sum(state.next_states) == pytest.approx(1.0)
        assert list(state.next_quantiles_bps) == sorted(state.next_quantiles_bps)
        assert nearest_state(result.states, state.mean_bps) == means.index(state.mean_bps)


@pytest.mark.parametrize("bandwidth_bps", [0.0, 1e6])
def test_states_of_one_constant(bandwidth_bps: float) -> None:
    """One sample, or only zeros: one state that explains everything."""
    trace = BandwidthTrace("t", np.zeros(1), np.ones(1), np.array([bandwidth_bps]))
    result = bandwidth_states([trace])
    (state,) = result.states
    assert state.mean_bps == pytest.approx(max(bandwidth_bps, FLOOR_BPS))
    assert state.next_states == (1.0,)
    assert result.variance_explained == 1.0


def test_states_refuse_nonsense() -> None:
    """No traces, no states, too many."""
    with pytest.raises(DataError, match="no traces"):
        bandwidth_states([])
    for count in (0, 100_000):
        with pytest.raises(DataError, match=f"not {count}"):
            bandwidth_states(demo_traces(1), count)


def test_prior_recovers_what_made_the_segments() -> None:
    """Segments drawn from a prior give it back, within what 2000 of them tell."""
    rng = np.random.default_rng(0)
    variance = stats.invgamma.rvs(4.0, scale=0.3, size=2000, random_state=rng)
    means = rng.normal(14, np.sqrt(variance / 0.05))
    segments = [
        BandwidthSegment("t", 25 * (index % 10), rng.normal(mean, spread, 25))
        for index, (mean, spread) in enumerate(zip(means, np.sqrt(variance), strict=True))
    ]
    prior = fit_prior(segments)
    assert prior.mean == pytest.approx(14, abs=0.1)
    assert prior.kappa == pytest.approx(0.05, rel=0.15)
    assert prior.alpha == pytest.approx(4.0, rel=0.15)
    assert prior.beta == pytest.approx(0.3, rel=0.15)
    assert prior.hazard == pytest.approx(0.9 / 25)


def test_prior_of_constants_is_proper() -> None:
    """Segments without noise still give a distribution; a single one gives none."""
    first, second = (BandwidthSegment("t", start, np.full(9, 14.0 + start)) for start in (0, 9))
    assert fit_prior([first, second]).beta > 0
    assert fit_prior([first, first]).kappa > 0
    with pytest.raises(DataError, match="stay at one bandwidth of 1,203 kbps"):
        fit_prior([first])


@needs_oboe
def test_oboe() -> None:
    """All 428 traces: nothing lost on the way, and the states explain nine tenths of the variance."""
    traces = load_traces(OBOE)
    assert [trace.name for trace in traces[:3]] == ["oboe/trace_0", "oboe/trace_1", "oboe/trace_2"]
    assert len(traces) == 428
    assert sum(trace.bandwidth_bps.size for trace in traces) == 20_972
    result = bandwidth_states(traces)
    assert len(result.states) == 12
    assert result.variance_explained > 0.9
    assert 0.02 < fit_prior(result.segments).hazard < 0.1
