"""Offline segments: stretches of a trace over which its bandwidth keeps one level (paper, IV-C.1)."""

import math
from dataclasses import dataclass

import numpy as np
import ruptures

from edgent.bandwidth.forecast import FLOOR_BPS
from edgent.bandwidth.traces import BandwidthTrace, Floats

SHORTEST_SEGMENT = 3
"""Fewest samples over which a level must last."""
LONGEST_PIECE = 5_000
"""Samples searched at once: the search takes quadratic time at worst, so longer traces are in pieces."""


@dataclass(frozen=True, eq=False)
class BandwidthSegment:
    """Consecutive samples of one trace at one level.

    Attributes:
        trace: The trace's name.
        start: Index of the first sample in the trace.
        log_bandwidth: Shape (n,): natural logarithm of the bandwidth in bits per second, floored.
    """

    trace: str
    start: int
    log_bandwidth: Floats


def offline_segments(trace: BandwidthTrace) -> tuple[BandwidthSegment, ...]:
    """Find the levels of a trace by penalised least squares on the log bandwidth.

    The search is exact (`ruptures.KernelCPD`, linear kernel: PELT of Killick et al., 2012) and pays
    3 σ² ln n for every change, with σ the noise between neighbouring samples, within 0.1 and 0.3.

    Returns:
        Segments in order, which together hold every sample once.
    """
    log_bandwidth = np.log(np.maximum(trace.bandwidth_bps, FLOOR_BPS))
    ends: list[int] = []
    for begin in range(0, log_bandwidth.size, LONGEST_PIECE):
        piece = log_bandwidth[begin : begin + LONGEST_PIECE]
        ends += [begin + end for end in _change_points(piece)]
    for seam in range(LONGEST_PIECE, log_bandwidth.size, LONGEST_PIECE):
        ends = _without_seam(ends, seam, log_bandwidth)
    starts = [0, *ends[:-1]]
    return tuple(
        BandwidthSegment(trace.name, start, log_bandwidth[start:end])
        for start, end in zip(starts, ends, strict=True)
    )


def _without_seam(ends: list[int], seam: int, log_bandwidth: Floats) -> list[int]:
    """Ends of the segments, searched anew around a seam between two pieces: over two segments on either side.

    The piece before the seam may force a change some samples before it, as segments have a least length.
    """
    bounds = [0, *ends]
    place, half = bounds.index(seam), LONGEST_PIECE // 2
    start = max(bounds[max(place - 2, 0)], seam - half)
    stop = min(bounds[min(place + 2, len(ends))], seam + half)
    *found, _ = _change_points(log_bandwidth[start:stop])
    kept = [end for end in ends if not start < end < stop]
    return sorted([*kept, *(start + end for end in found)])


def _change_points(log_bandwidth: Floats) -> list[int]:
    """Ends of the segments, the last of which is the number of samples."""
    samples = log_bandwidth.size
    if samples < 2 * SHORTEST_SEGMENT:
        return [samples]
    penalty = 3 * _noise(log_bandwidth) ** 2 * math.log(samples)
    search = ruptures.KernelCPD(kernel="linear", min_size=SHORTEST_SEGMENT)
    return [int(end) for end in search.fit(log_bandwidth[:, None]).predict(pen=penalty)]


def _noise(log_bandwidth: Floats) -> float:
    """Standard deviation about the level, from the median absolute difference of neighbours."""
    # 0.6745: the median absolute deviation of a standard normal; a difference has twice the variance.
    spread = float(np.median(np.abs(np.diff(log_bandwidth)))) / (0.6745 * math.sqrt(2))
    return min(max(spread, 0.1), 0.3)
