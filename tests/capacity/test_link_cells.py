"""What devices know of links, on the grid, and what they meet."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces, steady_trace
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.capacity.link_cells import MEAN_STEP, SPREAD_STEP, LinkCells


def test_cells_round_what_the_forecast_says() -> None:
    """Mean and spread by half a step at most, at every sample; what is known is of the samples before it."""
    (trace,) = demo_traces(count=1, samples=80)
    links = LinkCells.of([trace])
    exact = MovingAverageForecast()
    samples = trace.bandwidth_bps.tolist()
    for bps in samples:
        exact.update(bps)
    for number, bps in zip(links.of_sample[0].tolist(), samples, strict=True):
        forecast, download = links.forecasts(number)
        assert abs(math.log(forecast.mean_bps / exact.mean_bps)) <= math.log(MEAN_STEP) / 2 + 1e-9
        assert abs(math.log(forecast.spread / exact.spread)) <= math.log(SPREAD_STEP) / 2 + 1e-9
        assert download is None
        exact.update(bps)


def test_what_is_known_alike_is_one_cell() -> None:
    """A link that never changes has one, however many devices and rounds."""
    links = LinkCells.of([steady_trace(1e6), steady_trace(1e6)])
    assert len(links.cells) == 1
    forecast, _ = links.forecasts(0)
    assert forecast.mean_bps == pytest.approx(1e6, rel=MEAN_STEP - 1)
    assert forecast.spread == pytest.approx(0.02, rel=SPREAD_STEP - 1)
    assert len(LinkCells.of(demo_traces(count=10)).cells) < 10 * 300 / 2


def test_both_directions_are_known_and_met() -> None:
    """The download has a forecast of its own where the trace has it."""
    (trace,) = demo_traces(count=1, samples=20)
    links = LinkCells.of([replace(trace, download_bps=4 * trace.bandwidth_bps)])
    upload, download = links.forecasts(int(links.of_sample[0][7]))
    assert download is not None
    assert download.mean_bps / upload.mean_bps == pytest.approx(4, rel=MEAN_STEP - 1)
    _, (up_bps, down_bps) = links.met(np.zeros(1, np.int64), np.array([7.5]))
    assert (up_bps[0], down_bps[0]) == (trace.bandwidth_bps[7], 4 * trace.bandwidth_bps[7])


def test_traces_begin_again() -> None:
    """Each request meets the sample of its own trace in which it is made."""
    traces = demo_traces(count=2, samples=20)
    links = LinkCells.of(traces)
    time_s = np.array([0.0, 19.9, 20.0, 47.0])
    cell, (up_bps, down_bps) = links.met(np.array([0, 1, 1, 0]), time_s)
    met = [traces[0].bandwidth_bps[0], *traces[1].bandwidth_bps[[19, 0]], traces[0].bandwidth_bps[7]]
    assert up_bps.tolist() == down_bps.tolist() == met
    assert cell[3] == links.of_sample[0][7]
