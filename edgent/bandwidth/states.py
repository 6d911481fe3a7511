"""Bandwidth states: the levels that links are found at in history (paper, IV-C.1)."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from edgent.bandwidth.segments import BandwidthSegment, offline_segments
from edgent.bandwidth.traces import BandwidthTrace, Floats
from edgent.errors import DataError

QUANTILE_LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Probabilities for which a state keeps the quantile of its next sample."""
MAX_STATES = 1_000


@dataclass(frozen=True)
class BandwidthState:
    """One level of bandwidth, and what followed it in the traces.

    Attributes:
        mean_bps: Its level: exponential of its samples' mean log bandwidth, at least the forecasts' floor.
        spread: Standard deviation of the natural logarithm of its samples' bandwidth.
        share: Its share of all samples, above 0.
        next_quantiles_bps: Quantiles of the sample after one of its samples, at `QUANTILE_LEVELS`; of its own
            samples where every one of them ends a trace.
        next_states: P(state of the sample after one of its samples), one for each state.
    """

    mean_bps: float
    spread: float
    share: float
    next_quantiles_bps: tuple[float, ...]
    next_states: tuple[float, ...]

    def next_cdf(self, bandwidth_bps: ArrayLike) -> Floats:
        """P(next sample <= bandwidth), linear between the quantiles and 0 and 1 beyond them."""
        return np.interp(
            np.asarray(bandwidth_bps, dtype=np.float64),
            self.next_quantiles_bps,
            QUANTILE_LEVELS,
            left=0.0,
            right=1.0,
        )


@dataclass(frozen=True)
class BandwidthStates:
    """The states of a set of traces, from slow to fast.

    Attributes:
        states: At least one; as many as were asked for, less those that no sample was in.
        segments: Offline segments they were made from.
        variance_explained: Share of the variance of the log bandwidth that the states' levels explain.
    """

    states: tuple[BandwidthState, ...]
    segments: tuple[BandwidthSegment, ...]
    variance_explained: float

    def nearest(self, bandwidth_bps: float) -> int:
        """Index of the state whose mean is nearest in ratio."""
        level_bps = [state.mean_bps for state in self.states]
        # Halfway between two levels in the logarithm lies their geometric mean.
        halfway_bps = [math.sqrt(low * high) for low, high in pairwise(level_bps)]
        return bisect_right(halfway_bps, bandwidth_bps)


def bandwidth_states(traces: Sequence[BandwidthTrace], count: int = 12) -> BandwidthStates:
    """Cut traces into segments and sort these into states.

    The levels are spaced evenly in the logarithm between the 1st and the 99th percentile of the segment
    means; a segment belongs to the nearest. What follows a state is counted over neighbouring samples of one
    trace, so it holds for their sampling interval: resample first where another one is in use.

    Args:
        traces: One or more.
        count: Number of levels, 1 to `MAX_STATES`; levels that no segment is at are left out.

    Raises:
        DataError: No traces, or a count out of range.
    """
    if not traces:
        raise DataError("no traces to find bandwidth states in")
    if not 1 <= count <= MAX_STATES:
        raise DataError(f"the number of bandwidth states must be 1 to {MAX_STATES}, not {count}")
    segments = tuple(segment for trace in traces for segment in offline_segments(trace))
    segment_log = np.array([segment.log_bandwidth.mean() for segment in segments])
    lowest, highest = np.percentile(segment_log, [1, 99]).tolist()
    levels = np.unique(np.linspace(lowest, highest, count))
    nearest = np.abs(segment_log[:, None] - levels).argmin(axis=1)
    # Number the levels anew, without those that no segment is at.
    _, segment_state = np.unique(nearest, return_inverse=True)

    log_bandwidth = np.concatenate([segment.log_bandwidth for segment in segments])
    bandwidth_bps = np.concatenate([trace.bandwidth_bps for trace in traces])
    state = np.repeat(segment_state, [segment.log_bandwidth.size for segment in segments])
    last_of_trace = np.cumsum([trace.bandwidth_bps.size for trace in traces]) - 1
    followed = np.ones(state.size, dtype=bool)
    followed[last_of_trace] = False

    found = int(segment_state.max()) + 1
    states = []
    for index in range(found):
        own = state == index
        before = np.flatnonzero(own & followed)
        after = before + 1 if before.size else np.flatnonzero(own)
        states.append(
            BandwidthState(
                mean_bps=float(np.exp(log_bandwidth[own].mean())),
                spread=float(log_bandwidth[own].std()),
                share=float(own.mean()),
                next_quantiles_bps=tuple(np.quantile(bandwidth_bps[after], QUANTILE_LEVELS).tolist()),
                next_states=tuple((np.bincount(state[after], minlength=found) / after.size).tolist()),
            )
        )
    total = float(log_bandwidth.var())
    within = sum(found_state.share * found_state.spread**2 for found_state in states)
    return BandwidthStates(tuple(states), segments, 1 - within / total if total > 0 else 1.0)
