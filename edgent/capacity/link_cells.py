"""What devices know of their links when they ask, on a grid, and what their transfers then meet.

As in a replay, a device has seen the samples of its trace before the one at which it asks. What a forecast
makes of them is a mean and a spread, which are rounded to a grid: so devices that know about the same share
their decisions. The transfer meets the sample itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.costs import FloatArray, IntArray
from edgent.replay.simulator import both_bps

MEAN_STEP = 1.05
"""Means of the grid are 5 % apart."""
SPREAD_STEP = 1.25
"""Spreads of the grid are 25 % apart."""

_SETTLED = 40
"""Samples after which a moving average has forgotten what it began with."""

Cell = tuple[int, ...]
"""Numbers of steps from 1 bit/s and from a spread of 1: upload mean and spread, and, where a trace has a
download of its own, the same of that."""


@dataclass(frozen=True, eq=False)
class LinkCells:
    """Links of devices.

    Attributes:
        traces: what they are.
        cells: what is known of them somewhere, each once.
        of_sample: for each trace the cell of what is known at each of its samples. Shapes (n,).
        bps: for each trace what transfers meet, up and down. Shapes (2, n).
        mean_step, spread_step: of the grid.
    """

    traces: tuple[BandwidthTrace, ...]
    cells: tuple[Cell, ...]
    of_sample: tuple[IntArray, ...]
    bps: tuple[FloatArray, ...]
    mean_step: float = MEAN_STEP
    spread_step: float = SPREAD_STEP

    @classmethod
    def of(
        cls,
        traces: Sequence[BandwidthTrace],
        mean_step: float = MEAN_STEP,
        spread_step: float = SPREAD_STEP,
    ) -> "LinkCells":
        """Follow every trace with a moving average, which has been round it before."""
        numbers: dict[Cell, int] = {}
        of_sample = []
        for trace in traces:
            columns = [_known_before(trace.bandwidth_bps, mean_step, spread_step)]
            if trace.download_bps is not None:
                columns.append(_known_before(trace.download_bps, mean_step, spread_step))
            known = [sum(parts, ()) for parts in zip(*columns, strict=True)]
            of_sample.append(np.array([numbers.setdefault(cell, len(numbers)) for cell in known], np.int64))
        bps = tuple(both_bps(trace) for trace in traces)
        return cls(tuple(traces), tuple(numbers), tuple(of_sample), bps, mean_step, spread_step)

    def forecasts(self, cell: int) -> tuple[MovingAverageForecast, MovingAverageForecast | None]:
        """What devices in a cell go by: of the upload, and of the download where it was seen by itself."""
        numbers = self.cells[cell]
        made = []
        for mean, spread in zip(numbers[::2], numbers[1::2], strict=True):
            forecast = MovingAverageForecast(spread=self.spread_step**spread)
            forecast.update(self.mean_step**mean)
            made.append(forecast)
        return made[0], made[1] if len(made) > 1 else None

    def met(self, trace: IntArray, time_s: FloatArray) -> tuple[IntArray, FloatArray]:
        """What is known and met at some moments of some traces, whose rounds follow each other.

        Args:
            trace: which trace. Shape (n,).
            time_s: seconds from the trace's start. Shape (n,).

        Returns:
            Cells, shape (n,), and bandwidths up and down, shape (2, n).
        """
        cell, bps = np.zeros(trace.size, np.int64), np.zeros((2, trace.size))
        for number, one in enumerate(self.traces):
            (mine,) = np.nonzero(trace == number)
            sample = np.searchsorted(one.start_s, time_s[mine] % one.total_s, side="right") - 1
            cell[mine] = self.of_sample[number][sample]
            bps[:, mine] = self.bps[number][:, sample]
        return cell, bps


def _known_before(bandwidth_bps: FloatArray, mean_step: float, spread_step: float) -> list[Cell]:
    """What a moving average says before each sample, as numbers of steps."""
    forecast = MovingAverageForecast()
    samples = bandwidth_bps.tolist()
    for bps in samples * math.ceil(_SETTLED / len(samples)):
        forecast.update(bps)
    known: list[Cell] = []
    for bps in samples:
        mean = round(math.log(forecast.mean_bps) / math.log(mean_step))
        known.append((mean, round(math.log(forecast.spread) / math.log(spread_step))))
        forecast.update(bps)
    return known
