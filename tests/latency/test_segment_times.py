"""Times of segments that were not measured, where it is known what they would be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.latency.features import segment_features
from edgent.latency.places import Place
from edgent.latency.profile import task_of, with_timings
from edgent.latency.segment_times import _median, segment_times
from edgent.latency.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.latency.profile import NodeProfile, SegmentTiming
    from edgent.network import Network

CALL_US = 20.0
LAYERS_US = np.array([50.0, 30.0, 0.0, 90.0, 10.0, 40.0, 70.0, 25.0])
"""Of either path, one after the other; what a layer takes of a segment that has more."""
JOINTS_US = np.array([0.0, 5.0, 0.0, 0.0, 8.0, 2.0, 0.0, 4.0, 0.0])
"""What it takes to write and to read the tensor at each cut; nothing at the ends, whatever they are."""


def _true_us(start: int, stop: int, layers: int) -> float:
    """A call, the layers, and half of what it takes to cut at either end."""
    ends = JOINTS_US[start] / 2 + (JOINTS_US[stop] / 2 if stop < layers else 0.0)
    return CALL_US + float(LAYERS_US[start:stop].sum()) + float(ends)


def _timed(
    profile: NodeProfile, network: Network, time_us: Callable[[SegmentTiming, float], float]
) -> NodeProfile:
    """The profile with true times of its segments, changed somehow, and without regressors."""
    timings = {task_of(row): row.timing for row in profile.rows}
    for row in profile.segments:
        layers = len(network.graph.path_of(row.exit).layers)
        taken_us = time_us(row, _true_us(row.start, row.stop, layers))
        timings[task_of(row)] = Timing((taken_us,), (taken_us,), 3)
    return replace(with_timings(profile, timings), regressors={})


def _as_it_is(_: SegmentTiming, true_us: float) -> float:
    return true_us


def _expected_s(layers: int) -> np.ndarray:
    points = layers + 1
    return np.array(
        [
            [1e-6 * _true_us(start, stop, layers) if stop > start else 0.0 for stop in range(points)]
            for start in range(points)
        ]
    )


@pytest.mark.parametrize("index", [0, 1])
def test_times_that_add_up_are_predicted_as_they_are(
    network: Network, device: NodeProfile, edge: NodeProfile, index: int
) -> None:
    """A call and the joint at the cut are counted once, whether windows are differences or made of pieces."""
    path = network.graph.paths[index]
    layers = len(path.layers)
    edge_s, measured = segment_times(_timed(edge, network, _as_it_is), network.graph, path)
    np.testing.assert_allclose(edge_s, _expected_s(layers))
    assert measured[1, 3]
    assert not measured[1, 4]
    device_s, _ = segment_times(_timed(device, network, _as_it_is), network.graph, path)
    np.testing.assert_allclose(device_s[0], _expected_s(layers)[0])


def test_one_way_that_is_far_off_does_not_count(network: Network, edge: NodeProfile) -> None:
    """Heads that were measured while something else ran make bad differences; pieces and regressors agree."""
    path = network.graph.paths[1]
    disturbed = _timed(
        edge, network, lambda row, true_us: true_us * (3.0 if (row.start, row.stop) == (0, 7) else 1.0)
    )
    without, _ = segment_times(disturbed, network.graph, path)
    expected_s = _expected_s(8)
    assert without[2, 7] > 1.2 * expected_s[2, 7]  # of two ways the mean
    regressors = edge.regressors["work"]
    fitted = replace(disturbed, regressors={"work": regressors})
    seconds, _ = segment_times(fitted, network.graph, path)
    both_s = sorted([expected_s[2, 7], regressors.predict_s(segment_features(path, 2, 7))])
    assert both_s[0] * 0.99 <= seconds[2, 7] <= both_s[1] * 1.01


def test_no_segment_takes_less_than_a_call(network: Network, edge: NodeProfile) -> None:
    """Where a longer head was measured to be the quicker one, as happens to short layers."""
    path = network.graph.paths[1]
    without_runs = _timed(edge, network, lambda row, true_us: 500.0 - true_us if row.start == 0 else true_us)
    kept = [row for row in without_runs.segments if row.start == 0 or row.stop - row.start == 1]
    heads = replace(without_runs, segments=tuple(row for row in kept if row.start == 0))
    seconds, measured = segment_times(heads, network.graph, path)
    ahead = np.triu(np.ones_like(measured), 1)
    call_s = min(row.timing.time_s for row in heads.segments)
    assert (seconds[ahead] >= call_s).all()
    assert seconds[1, 4] == call_s
    assert not seconds[~ahead].any()


def test_what_is_measured_whole_counts(network: Network, edge: NodeProfile) -> None:
    """A window that was added to the profile is neither predicted nor marked so."""
    path = network.graph.paths[1]
    timed = _timed(edge, network, _as_it_is)
    window = replace(timed.segments[0], exit="exit2", start=2, stop=7, timing=Timing((77.0,), (77.0,), 3))
    seconds, measured = segment_times(replace(timed, segments=(*timed.segments, window)), network.graph, path)
    assert (seconds[2, 7], measured[2, 7]) == (pytest.approx(77e-6), True)
    assert Place.of(network.graph, 1, 2, 7) == Place("exit2", 2, 7)


def test_regressors_along_a_path_are_those_of_its_segments(network: Network, edge: NodeProfile) -> None:
    """A profile of heads alone, so that regressors and differences are all there is."""
    path = network.graph.paths[1]
    regressors = edge.regressors["work"]
    predicted_s = {
        (start, stop): regressors.predict_s(segment_features(path, start, stop))
        for start in range(8)
        for stop in range(start + 1, 9)
    }
    heads = tuple(row for row in edge.segments if row.start == 0)
    timings = {
        task_of(row): Timing((1e6 * predicted_s[row.start, row.stop],) * 2, (9.0, 9.0), 3) for row in heads
    }
    profile = with_timings(replace(edge, segments=heads, codecs=(), operators=()), timings)
    seconds, measured = segment_times(profile, network.graph, path)
    call_s = min(row.timing.time_s for row in profile.segments)
    for (start, stop), by_layers_s in predicted_s.items():
        if not measured[start, stop]:
            difference_s = predicted_s[0, stop] - predicted_s[0, start] + call_s
            expected_s = max(call_s, (by_layers_s + difference_s) / 2)
            assert seconds[start, stop] == pytest.approx(expected_s, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7])
def test_medians_leave_out_what_is_no_number(rows: int) -> None:
    """They are NumPy's own, to the bit."""
    values = np.random.default_rng(rows).uniform(1e-6, 1e-2, (rows, 50))
    values[1:][np.random.default_rng(0).uniform(size=(rows - 1, 50)) < 0.5] = np.nan
    np.testing.assert_array_equal(_median(values), np.nanmedian(values, axis=0))
