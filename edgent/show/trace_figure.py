"""Traces as a figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from edgent.bandwidth.forecast import FLOOR_BPS
from edgent.bandwidth.trace_statistics import bandwidth_distribution, directions, trace_sets
from edgent.bandwidth.traces import BandwidthTrace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXAMPLES = 3
"""Traces drawn one by one, at most."""
LONGEST_DRAWN_S = 600.0
"""Seconds of each example that are drawn."""


def traces_figure(traces: Sequence[BandwidthTrace]) -> Figure:
    """A few example traces over time, and the distribution of each set's bandwidth, up and down apart.

    Raises:
        DataError: No traces.
    """
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    over_time, distribution = figure.subplots(1, 2)
    sets = trace_sets(traces)
    for members in list(sets.values())[:EXAMPLES]:
        # From every set alike, spread over it.
        share = max(1, EXAMPLES // len(sets))
        for index in np.linspace(0, len(members) - 1, min(share, len(members))).astype(int):
            _draw_trace(over_time, members[index])
    labelled = [pair for name, members in sets.items() for pair in directions(name, members)]
    for label, of_direction in labelled:
        bandwidth_bps, share_of_time = bandwidth_distribution(of_direction)
        distribution.step(
            np.maximum(bandwidth_bps, FLOOR_BPS) / 1e3,
            np.cumsum(share_of_time),
            where="post",
            label=f"{label} ({len(of_direction)} traces)",
        )
    over_time.set(xlabel="time (s)", ylabel="bandwidth (kbps; outages at 10)", title="Examples", yscale="log")
    distribution.set(
        xlabel="bandwidth (kbps; outages at 10)",
        ylabel="share of the time at or below",
        title="Distribution",
        xscale="log",
    )
    distribution.set_ylim(0, 1)
    for axes in (over_time, distribution):
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
    return figure


def _draw_trace(axes: "Axes", trace: BandwidthTrace) -> None:
    """One trace as a staircase; an outage lies at the floor."""
    drawn = trace.start_s < LONGEST_DRAWN_S
    for way, bandwidth_bps in (("", trace.bandwidth_bps), (" down", trace.download_bps)):
        if bandwidth_bps is not None:
            kbps = np.maximum(bandwidth_bps[drawn], FLOOR_BPS) / 1e3
            axes.step(trace.start_s[drawn], kbps, where="post", linewidth=1, label=f"{trace.name}{way}")
