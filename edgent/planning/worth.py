"""What decisions are worth to who made them, so that those for several edges can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.planning.quick_among_equals import quick_among_equals


@dataclass(frozen=True)
class Worth:
    """What a decision is worth.

    Attributes:
        ranks: what is striven for, what counts most first; more is better. 0 where nothing is in time.
        latency_s: expected seconds from input to answer, less of which is better among equals.
        indifference: how much less than the best in the last of its ranks is about as good.
    """

    ranks: tuple[float, ...]
    latency_s: float
    indifference: float = 0.0


def best_of(worths: Sequence[Worth]) -> int:
    """Which of some decisions to take: the best; of those that are about as good, the quickest.

    Args:
        worths: of one or more decisions of the same maker, each the best on an edge of its own.
    """
    *above, _ = max(worth.ranks for worth in worths)
    rivals = [n for n, worth in enumerate(worths) if list(worth.ranks[:-1]) == above]
    value = np.array([worths[n].ranks[-1] for n in rivals])
    seconds = np.array([worths[n].latency_s for n in rivals])
    indifference = max(worths[n].indifference for n in rivals)
    return rivals[quick_among_equals(value, seconds.__getitem__, indifference)]
