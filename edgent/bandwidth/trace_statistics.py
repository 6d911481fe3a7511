"""What a set of traces is like, in a few numbers weighted by time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.forecast import FLOOR_BPS
from edgent.bandwidth.traces import BandwidthTrace, Floats
from edgent.errors import DataError


@dataclass(frozen=True)
class TraceStatistics:
    """Figures over all of a set's time.

    Attributes:
        traces: Number of traces.
        duration_s: Their time in all.
        interval_s: Median seconds between samples.
        mean_bps: Mean bandwidth.
        p5_bps: Bandwidth that is not exceeded for 5 % of the time; `p50_bps` and `p95_bps` alike.
        outage_share: Share of the time at or below the bandwidth at which a link counts as down.
    """

    traces: int
    duration_s: float
    interval_s: float
    mean_bps: float
    p5_bps: float
    p50_bps: float
    p95_bps: float
    outage_share: float


def trace_statistics(traces: Sequence[BandwidthTrace]) -> TraceStatistics:
    """Statistics of one or more traces.

    Raises:
        DataError: No traces.
    """
    bandwidth_bps, share = bandwidth_distribution(traces)
    held_s = np.concatenate([trace.held_s for trace in traces])
    below = np.cumsum(share)
    quantiles = [float(bandwidth_bps[np.searchsorted(below, q)]) for q in (0.05, 0.5, 0.95)]
    return TraceStatistics(
        traces=len(traces),
        duration_s=float(held_s.sum()),
        interval_s=float(np.median(held_s)),
        mean_bps=float(bandwidth_bps @ share),
        p5_bps=quantiles[0],
        p50_bps=quantiles[1],
        p95_bps=quantiles[2],
        outage_share=float(share[bandwidth_bps <= FLOOR_BPS].sum()),
    )


def bandwidth_distribution(traces: Sequence[BandwidthTrace]) -> tuple[Floats, Floats]:
    """All samples' bandwidths in rising order, and the share of the time that each holds.

    Raises:
        DataError: No traces.
    """
    if not traces:
        raise DataError("no traces: name a folder that holds some")
    bandwidth_bps = np.concatenate([trace.bandwidth_bps for trace in traces])
    held_s = np.concatenate([trace.held_s for trace in traces])
    order = np.argsort(bandwidth_bps, kind="stable")
    return bandwidth_bps[order], held_s[order] / held_s.sum()


def trace_sets(traces: Sequence[BandwidthTrace]) -> dict[str, tuple[BandwidthTrace, ...]]:
    """Traces by their set: the part of the name before the last slash, in order of appearance."""
    sets: dict[str, tuple[BandwidthTrace, ...]] = {}
    for trace in traces:
        name = trace.name.rpartition("/")[0]
        sets[name] = (*sets.get(name, ()), trace)
    return sets


def directions(name: str, traces: Sequence[BandwidthTrace]) -> list[tuple[str, Sequence[BandwidthTrace]]]:
    """A set's traces one direction at a time, each with what to call it: `name`, `name up`, `name down`."""
    downloads = [trace.download for trace in traces if trace.download is not None]
    single = [trace for trace in traces if trace.download is None]
    uploads = [trace for trace in traces if trace.download is not None]
    named = ((name, single), (f"{name} up", uploads), (f"{name} down", downloads))
    return [(label, members) for label, members in named if members]


def statistics_by_set(traces: Sequence[BandwidthTrace]) -> list[tuple[str, TraceStatistics]]:
    """Statistics of each set, one direction at a time, with what to call it; see `directions`."""
    return [
        (label, trace_statistics(of_direction))
        for name, members in trace_sets(traces).items()
        for label, of_direction in directions(name, members)
    ]
