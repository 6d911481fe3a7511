"""A bandwidth state: a level that links are found at in history (paper, IV-C.1)."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

QUANTILE_LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Probabilities for which a state keeps the quantile of its next sample."""


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


def nearest_state(states: Sequence[BandwidthState], bandwidth_bps: float) -> int:
    """Index of the state whose mean is nearest in ratio; the states rise from slow to fast."""
    # Halfway between two levels in the logarithm lies their geometric mean.
    halfway_bps = [math.sqrt(slow.mean_bps * fast.mean_bps) for slow, fast in pairwise(states)]
    return bisect_right(halfway_bps, bandwidth_bps)
