"""Traces as a figure."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from edgent.bandwidth.forecast import FLOOR_BPS
from edgent.bandwidth.trace_statistics import bandwidth_distribution, directions, trace_sets
from edgent.bandwidth.traces import BandwidthTrace
from edgent.counted import counted
from edgent.show.plain_ticks import leave_out_overlaps, plain_log_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXAMPLES = 3
"""Traces drawn one by one, at most."""
LONGEST_DRAWN_S = 600.0
"""Seconds of each example that are drawn."""
_MOST_DECADES = 8
"""Decades of bandwidth that each have a number beside them."""
_STEPS = 150
"""Steps of a line at most: of more samples the means are drawn."""


def traces_figure(traces: Sequence[BandwidthTrace]) -> Figure:
    """A few example traces over time, each in a panel, and the distribution of each set's bandwidth.

    Up and down are lines of their own.

    Raises:
        DataError: No traces.
    """
    figure = Figure(figsize=(11, 5), layout="constrained")
    sets = trace_sets(traces)
    examples = _examples(list(sets.values()))
    grid = figure.add_gridspec(len(examples), 2)
    panel = None
    for row, trace in enumerate(examples):
        panel = figure.add_subplot(grid[row, 0], sharey=panel)
        _draw_trace(panel, trace)
        panel.set(xlabel="time (s)", ylabel="kbps")
    distribution = figure.add_subplot(grid[:, 1])
    labelled = [pair for name, members in sets.items() for pair in directions(name, members)]
    for label, of_direction in labelled:
        bandwidth_bps, share_of_time = bandwidth_distribution(of_direction)
        distribution.step(
            np.maximum(bandwidth_bps, FLOOR_BPS) / 1e3,
            np.cumsum(share_of_time),
            where="post",
            label=f"{label} ({counted(len(of_direction), 'trace')})",
        )
    distribution.set(
        xlabel="bandwidth (kbps; outages at 10)",
        ylabel="share of the time at or below",
        title="Distribution",
        xscale="log",
    )
    plain_log_ticks(distribution.xaxis)
    distribution.set_ylim(0, 1)
    distribution.grid(visible=True, alpha=0.3)
    distribution.legend(fontsize="small")
    figure.suptitle(_what_is_drawn(examples, len(traces)))
    if panel is not None:
        leave_out_overlaps(figure, panel.yaxis)  # panels share it
    return figure


def _what_is_drawn(examples: Sequence[BandwidthTrace], traces: int) -> str:
    """How many of the traces are drawn one by one, and how much of these."""
    is_cut = any(trace.total_s > LONGEST_DRAWN_S for trace in examples)
    over_time = "over time" + f" (the first {LONGEST_DRAWN_S:g} s)" * is_cut
    if traces == 1:
        return f"The trace {over_time}, and its distribution"
    drawn = "All traces" if len(examples) == traces else f"{len(examples)} of {traces:,} traces"
    return f"{drawn} {over_time}, and the distribution of all"


def _examples(sets: Sequence[Sequence[BandwidthTrace]]) -> list[BandwidthTrace]:
    """A few traces from every set alike, spread over it."""
    share = max(1, EXAMPLES // len(sets))
    return [
        members[index]
        for members in sets[:EXAMPLES]
        for index in np.linspace(0, len(members) - 1, min(share, len(members))).astype(int)
    ]


def _draw_trace(axes: "Axes", trace: BandwidthTrace) -> None:
    """One trace as a staircase, of many samples the mean of every few; an outage lies at the floor."""
    start_s = trace.start_s[trace.start_s < LONGEST_DRAWN_S]
    firsts = np.arange(0, start_s.size, math.ceil(start_s.size / _STEPS))
    ways = (
        ("up" if trace.download_bps is not None else "", trace.bandwidth_bps),
        ("down", trace.download_bps),
    )
    for way, bandwidth_bps in ways:
        if bandwidth_bps is not None:
            sums = np.add.reduceat(bandwidth_bps[: start_s.size], firsts)
            kbps = np.maximum(sums / np.diff(firsts, append=start_s.size), FLOOR_BPS) / 1e3
            axes.step(start_s[firsts], kbps, where="post", linewidth=1, label=way)
    axes.set_title(trace.name, fontsize="small")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=_MOST_DECADES))  # a low panel has room for each
    plain_log_ticks(axes.yaxis)
    axes.grid(visible=True, alpha=0.3)
    if trace.download_bps is not None:
        axes.legend(fontsize="small", ncols=2)
