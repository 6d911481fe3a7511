"""The best static split of requests between edges, found by measuring one after the other."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Split = tuple[int, ...]
"""What each edge gets of all requests, in percent."""


def in_proportion(speeds: Sequence[float], step: int) -> Split:
    """The split in proportion to what edges can compute, in whole steps.

    Args:
        speeds: Of the edges.
        step: Percent; a divisor of 100.
    """
    parts = [100 / step * speed / sum(speeds) for speed in speeds]
    whole = [int(part) for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda n: whole[n] - parts[n])
    for n in by_rest[: 100 // step - sum(whole)]:
        whole[n] += 1
    return tuple(step * steps for steps in whole)


def neighbours(split: Split, step: int) -> Iterator[Split]:
    """The splits in which one edge gives a step to another."""
    for giver, taker in permutations(range(len(split)), 2):
        if split[giver] >= step:
            yield tuple(share - step * (n == giver) + step * (n == taker) for n, share in enumerate(split))


def best_split(
    measure: Callable[[Split], float], speeds: Sequence[float], step: int, most: int
) -> tuple[Split, dict[Split, float]]:
    """Climb from the split in proportion to the speeds to the best neighbour, until none is better.

    Args:
        measure: What a split is worth; more is better.
        speeds: Of the edges.
        step: Percent.
        most: How many splits to measure at most.

    Returns:
        The best split, and what each one that was measured is worth.
    """
    best = in_proportion(speeds, step)
    measured = {best: measure(best)}
    while len(measured) < most:
        ahead = [split for split in neighbours(best, step) if split not in measured]
        for split in ahead[: most - len(measured)]:
            measured[split] = measure(split)
        better = max(measured, key=measured.__getitem__)
        if better == best:
            break
        best = better
    return best, measured
