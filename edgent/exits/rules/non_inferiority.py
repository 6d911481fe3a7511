"""Whether one classifier is no worse than another by a margin: an exact test on the same inputs.

Both answer n inputs. Some are *lost* (the old one is right, the new one is not), some are *gained* (the other
way round); all others tell nothing of the difference. With p the chance that an input is lost and q that it
is gained, the new one is worse by p - q. It passes where p - q >= margin can be refuted.

How far the counts speak against that is the signed root of their likelihood ratio, where half an input more
is counted as lost. What it has to reach is the part that has to be right: the distribution of the counts
under p - q = margin still depends on q, which nobody knows, so the critical value is the one at which the
chance of an error is at most the level whatever q is (an exact unconditional test, as Sidik's of 2003, whose
order of the counts is Tango's score). Nothing here is asymptotic: it holds for 200 inputs as for 10,000.

Without gains this is the exact binomial test. What holds for any loss from -1 to 1 (Hoeffding and Bentkus',
Waudby-Smith and Ramdas' by betting) cannot use that a loss is -1, 0 or 1 only, and passes later
(docs/laboratory/exit-rules.md has figures).

K. Sidik, Exact unconditional tests for testing non-inferiority in matched-pairs design, Statistics in
Medicine 22, 2003.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import xlogy
from scipy.stats import binom

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_GAINS = 400  # values of q that are looked at; with ten times as many an error is a hundredth larger at most
_HALVINGS = 16
_STRICTEST = -8.0
_FAR = 9.0  # standard deviations: what lies beyond is counted as an error


def signed_root(lost: npt.ArrayLike, gained: npt.ArrayLike, inputs: int, margin: float) -> FloatArray:
    """How far counts speak against a loss of the margin: the lower, the less can it be so much.

    Args:
        lost: number of inputs; an array gives one result for each.
        gained: the same, of the same shape.
        inputs: number of all inputs.
        margin: above 0 and below 1.
    """
    more: FloatArray = np.asarray(gained, dtype=np.float64)
    less: FloatArray = np.minimum(np.asarray(lost, dtype=np.float64) + 0.5, inputs - more)
    same = inputs - less - more
    # The q that makes the counts likeliest where p = q + margin: 2n·q² - b·q - gained·margin·(1 - margin) = 0
    b = (less + more) * (1 - margin) - 2 * margin * (more + same)
    q = (b + np.sqrt(b * b + 8 * inputs * more * margin * (1 - margin))) / (4 * inputs)
    likelihood_ratio: Any = sum(
        xlogy(count, count) - xlogy(count, inputs * np.maximum(chance, 0.0))
        for count, chance in ((less, q + margin), (more, q), (same, 1 - 2 * q - margin))
    )
    root: FloatArray = np.sign(less - more - inputs * margin) * np.sqrt(2 * np.maximum(likelihood_ratio, 0))
    return root


@lru_cache(maxsize=64)
def critical_root(inputs: int, margin: float, level: float) -> float:
    """The signed root at and below which the new classifier passes.

    Args:
        inputs: number of all inputs.
        margin: above 0 and below 1.
        level: chance at most that one passes which is worse by the margin or more.
    """
    low, high = _STRICTEST, 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if error(inputs, margin, middle) <= level:
            low = middle
        else:
            high = middle
    return low


def least_inputs(margin: float, level: float) -> int:
    """With how many inputs at the least a new classifier passes, if none of them is lost."""
    return math.ceil(math.log(level) / math.log1p(-margin))


def error(inputs: int, margin: float, critical: float) -> float:
    """The largest chance, over q, that one passes which is worse by the margin."""
    most_lost, largest = _most_lost(inputs, margin, critical), (1 - margin) / 2
    gains = np.geomspace(min(1e-2 / inputs, largest / 2), largest, _GAINS).tolist()
    return max(_error_at(q, most_lost, margin) for q in (0.0, *gains))


def _error_at(q: float, most_lost: npt.NDArray[np.int64], margin: float) -> float:
    """The chance for one q: a sum over the numbers of gains that are not too far from their mean."""
    inputs = len(most_lost) - 1
    spread = _FAR * math.sqrt(inputs * q) + _FAR
    first, last = max(0, int(inputs * q - spread)), min(inputs, int(inputs * q + spread))
    gained = np.arange(first, last + 1)
    of_gains = binom.pmf(gained, inputs, q)
    of_losses = binom.cdf(most_lost[gained], inputs - gained, min(1.0, (q + margin) / (1 - q)))
    return float((of_gains * of_losses).sum() + max(0.0, 1 - of_gains.sum()))


def _most_lost(inputs: int, margin: float, critical: float) -> npt.NDArray[np.int64]:
    """For each number of gains the most losses that pass; -1: none do. Shape (inputs + 1,)."""
    gained = np.arange(inputs + 1)
    low, high = np.full(inputs + 1, -1), inputs - gained
    while (low < high).any():
        middle = (low + high + 1) // 2
        passes = signed_root(middle, gained, inputs, margin) <= critical
        low, high = np.where(passes, middle, low), np.where(passes, high, middle - 1)
    return low
