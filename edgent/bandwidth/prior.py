"""Fits the change point detector's prior to offline segments."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.forecast import FLOOR_BPS
from edgent.bandwidth.segments import SHORTEST_SEGMENT, BandwidthSegment
from edgent.bandwidth.traces import Floats
from edgent.errors import DataError

_LEAST_ALPHA = 1.5
"""Three degrees of freedom: the least at which the forecast has a variance."""
_LEAST_VARIANCE = 0.02**2
"""No link is steadier than this: segments that are constant tell nothing of the next one's noise."""


def fit_prior(segments: Sequence[BandwidthSegment]) -> ChangePointPrior:
    """The prior under which the segments are likeliest (empirical Bayes, type-II maximum likelihood).

    It holds for the sampling interval of the traces that the segments come from: resample them at the
    interval in use first (`BandwidthTrace.resampled`).

    Args:
        segments: Segments of one or several traces, each trace's in order.

    Raises:
        DataError: fewer than two segments: there is nothing to tell how states differ.
    """
    if len(segments) < 2:
        known = "".join(f" of {_level(segment)}" for segment in segments)
        raise DataError(
            f"the traces stay at one bandwidth{known}, where two or more are needed to tell how "
            "it changes: give traces of several links, or longer ones on which it changes "
            f"(a bandwidth counts that lasts {SHORTEST_SEGMENT} samples or more)"
        )
    count = np.array([segment.log_bandwidth.size for segment in segments], dtype=np.float64)
    mean = np.array([segment.log_bandwidth.mean() for segment in segments])
    squares = np.array([((s.log_bandwidth - s.log_bandwidth.mean()) ** 2).sum() for s in segments])
    squares = np.maximum(squares, (count - 1) * _LEAST_VARIANCE)
    variance = max(float(squares.sum() / np.maximum(count - 1, 1).sum()), _LEAST_VARIANCE)
    kappa = variance / max(float(mean.var()), variance)
    start = np.array([math.log(kappa), math.log(_LEAST_ALPHA), math.log(variance)])
    centre = float(np.average(mean))

    def negative_evidence(parameters: Floats) -> float:
        """Minus the segments' log probability, their means and variances integrated out."""
        kappa, alpha, beta = np.exp(parameters)
        alpha_after = alpha + count / 2
        between = kappa * count / (kappa + count) * (mean - centre) ** 2
        log_evidence = (
            gammaln(alpha_after)
            - gammaln(alpha)
            + alpha * np.log(beta)
            - alpha_after * np.log(beta + (squares + between) / 2)
            + np.log(kappa / (kappa + count)) / 2
        )
        return -float(log_evidence.sum())

    bounds = [
        (math.log(low), math.log(high)) for low, high in ((1e-4, 1e2), (_LEAST_ALPHA, 1e2), (1e-6, 1e3))
    ]
    kappa, alpha, beta = np.exp(minimize(negative_evidence, start, bounds=bounds).x)
    changes = sum(segment.start > 0 for segment in segments)
    hazard = max(changes, 1) / float(count.sum())
    return ChangePointPrior(centre, float(kappa), float(alpha), float(beta), min(hazard, 0.5))


def _level(segment: BandwidthSegment) -> str:
    """The bandwidth of a segment for people; what is below the floor is not told apart."""
    bandwidth_bps = float(np.exp(segment.log_bandwidth.mean()))
    return f"{bandwidth_bps / 1e3:,.4g} kbps" + " or less" * math.isclose(bandwidth_bps, FLOOR_BPS)
