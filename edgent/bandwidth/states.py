"""Finds the bandwidth states of traces (paper, IV-C.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.segments import BandwidthSegment, offline_segments
from edgent.bandwidth.traces import BandwidthTrace, Floats
from edgent.errors import DataError

MAX_STATES = 1_000


@dataclass(frozen=True)
class BandwidthStates:
    """The states of a set of traces, from slow to fast.

    Attributes:
        states: At least one; as many as were asked for, without those that no sample is in.
        segments: Offline segments they were made from.
        variance_explained: Share of the variance of the log bandwidth that the states' levels explain.
    """

    states: tuple[BandwidthState, ...]
    segments: tuple[BandwidthSegment, ...]
    variance_explained: float


def bandwidth_states(traces: Sequence[BandwidthTrace], count: int = 12) -> BandwidthStates:
    """Cut traces into segments and sort these into states.

    The levels are spaced evenly in the logarithm between the 1st and the 99th percentile of the segment
    means; a segment belongs to the nearest. What follows a state is counted over neighbouring samples of one
    trace, so it holds for their sampling interval: resample first where another interval is in use.

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

    states = tuple(
        _state(index, state, followed, bandwidth_bps, log_bandwidth) for index in np.unique(state).tolist()
    )
    total = float(log_bandwidth.var())
    within = sum(known.share * known.spread**2 for known in states)
    return BandwidthStates(states, segments, 1 - within / total if total > 0 else 1.0)


def _state(
    index: int,
    state: NDArray[np.int64],
    followed: NDArray[np.bool_],
    bandwidth_bps: Floats,
    log_bandwidth: Floats,
) -> BandwidthState:
    """One state, from what all traces' samples tell of it.

    Args:
        index: Number of the state.
        state: State of each sample, shape (n,).
        followed: Whether the sample after it is of the same trace, shape (n,).
        bandwidth_bps: Bandwidth of each sample, shape (n,).
        log_bandwidth: Its natural logarithm, shape (n,).
    """
    own = state == index
    before = np.flatnonzero(own & followed)
    after = before + 1 if before.size else np.flatnonzero(own)
    next_states = np.bincount(state[after], minlength=int(state.max()) + 1) / after.size
    return BandwidthState(
        mean_bps=float(np.exp(log_bandwidth[own].mean())),
        spread=float(log_bandwidth[own].std()),
        share=float(own.mean()),
        next_quantiles_bps=tuple(np.quantile(bandwidth_bps[after], QUANTILE_LEVELS).tolist()),
        next_states=tuple(next_states.tolist()),
    )
