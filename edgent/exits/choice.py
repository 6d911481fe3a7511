"""Which places get an exit: those under whose staircase of accuracy over work the area is largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_WORK = 2.0


def choose_exits(
    shares: Sequence[float], accuracies: Sequence[float], count: int, *, keeps_last: bool
) -> tuple[int, ...]:
    """The places that give the most accuracy within an unknown amount of work.

    Within the work u, in units of the whole network, the most accurate exit before u answers, or none. The
    mean accuracy over all u from 0 to 2 is the area under a staircase: up to 1 somebody stops early, from
    there on nobody has to. Chosen are the places that make it largest: spread over the work, and each better
    than all before it.

    Args:
        shares: of the network's work that lies before each place, rising.
        accuracies: of an exit at each place.
        count: number of exits at most, 1 or more.
        keeps_last: the last place is one of them in any case.

    Returns:
        Indices of the chosen places, rising; fewer than ``count`` where more would not be better.
    """
    last = len(shares) - 1
    # Of all staircases whose top step is at place k the best: the area before k, and the steps.
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, (k,)) for k in range(last + 1)]
    for _ in range(count - 1):
        longer = best.copy()
        for k in range(last + 1):
            for before in range(k):
                area = best[before][0] + (shares[k] - shares[before]) * accuracies[before]
                is_better_exit = accuracies[k] > accuracies[before] or (keeps_last and k == last)
                if is_better_exit and area > longer[k][0]:
                    longer[k] = (area, (*best[before][1], k))
        best = longer
    ends = [last] if keeps_last else range(last + 1)
    top = max(ends, key=lambda k: best[k][0] + (_MOST_WORK - shares[k]) * accuracies[k])
    return best[top][1]
