"""Of plans that are about as good, the quickest.

Two answers of the same accuracy may both be in time, one after 190 ms and one after 90: the second is better.
"""

from collections.abc import Callable

import numpy as np

from edgent.planning.costs import FloatArray, IntArray

ABOUT_AS_GOOD = 0.002
"""How much lower the expected accuracy of a plan may be that is about as good: 0.2 points. It is also the
share of itself that the reward exp(accuracy) loses with them."""
WORTH_IT = 0.2
"""The share of the latency that has to be saved for all of these 0.2 points, half of it for half of them: no
accuracy is given up for some microseconds."""

Latencies = Callable[[IntArray], FloatArray]
"""Gives the expected seconds of the plans in some columns of a cost table."""


def quick_among_equals(value: FloatArray, latency_s: Latencies, indifference: float) -> int:
    """The column of the plan to take.

    Args:
        value: what each plan is worth. Shape (n_plans,).
        latency_s: asked of the plans that are about as good as the best.
        indifference: how much less than the best these may be worth. At 0 they are worth the same, and the
            fastest of them is taken.
    """
    best = value.max()
    equals = np.flatnonzero(value >= best - indifference)
    if equals.size == 1:
        return int(equals[0])
    seconds = latency_s(equals)
    if indifference:
        seconds = seconds * (1.0 + WORTH_IT * (best - value[equals]) / indifference)
    return int(equals[seconds.argmin()])
