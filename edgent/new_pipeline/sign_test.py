"""Whether one way to normalise pixels gives more right answers than another one does, or than chance does."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_LEVEL = 0.05
_LEVEL_OF_THE_BEST = 0.01  # the best of five ways is better than chance by chance more often than one way is


def is_better(right: np.ndarray, than: np.ndarray) -> bool:
    """Whether more photos are answered rightly in a way than in another one, beyond chance.

    Photos that both ways answer rightly, or wrongly, tell nothing. Of the others each way would have half, if
    both were as good: the exact form of McNemar's test (1947).

    Args:
        right: whether each photo is answered rightly, shape (n,).
        than: the same in the other way.
    """
    won, lost = int((right & ~than).sum()), int((than & ~right).sum())
    return _at_least(won, won + lost, 0.5) < _LEVEL


def is_more_than_chance(right: np.ndarray, chance: float) -> bool:
    """Whether more photos are answered rightly, in the best of some ways, than by guessing.

    Args:
        right: whether each photo is answered rightly, shape (n,).
        chance: share that guessing answers rightly.
    """
    return _at_least(int(right.sum()), right.size, chance) < _LEVEL_OF_THE_BEST


def _at_least(successes: int, trials: int, chance: float) -> float:
    """The probability of so many successes or more."""
    return sum(
        comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(successes, trials + 1)
    )
