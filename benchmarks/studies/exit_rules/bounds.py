"""Other tests of a loss from -1 to 1 beside that of the calibration: how many losses each lets pass."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import binom

from edgent.exits.rules.non_inferiority import critical_root, signed_root

Test = Callable[[int, int, int, float, float], bool]
"""Whether a loss of the margin is refuted, given numbers of lost, gained and all inputs, margin and level."""

_BETS = 200


def exact(lost: int, gained: int, inputs: int, margin: float, level: float) -> bool:
    """The exact unconditional test of `edgent.exits.rules.non_inferiority`."""
    return bool(signed_root(lost, gained, inputs, margin) <= critical_root(inputs, margin, level))


def betting(lost: int, gained: int, inputs: int, margin: float, level: float) -> bool:
    """A capital that is bet against the loss, in equal parts on stakes up to the largest.

    After Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024).
    """
    stakes = (np.arange(_BETS) + 0.5) / _BETS / (1 - margin)
    growth = (
        lost * np.log1p(-stakes * (1 - margin))
        + gained * np.log1p(stakes * (1 + margin))
        + (inputs - lost - gained) * np.log1p(stakes * margin)
    )
    return bool(np.exp(growth).mean() >= 1 / level)


def hoeffding_bentkus(lost: int, gained: int, inputs: int, margin: float, level: float) -> bool:
    """The lesser of Hoeffding's and Bentkus' bounds on the loss, scaled to 0 to 1, as in Learn-then-Test."""
    mean, allowed = (1 + (lost - gained) / inputs) / 2, (1 + margin) / 2
    if mean >= allowed:
        return False
    divergence = mean * math.log(mean / allowed) + (1 - mean) * math.log((1 - mean) / (1 - allowed))
    bentkus = math.e * binom.cdf(math.ceil(inputs * mean), inputs, allowed)
    return bool(min(math.exp(-inputs * divergence), bentkus) <= level)


TESTS: Mapping[str, Test] = {
    "exact": exact,
    "betting": betting,
    "Hoeffding and Bentkus": hoeffding_bentkus,
}


def most_lost(test: Test, gained: int, inputs: int, margin: float, level: float) -> int:
    """The most losses with which a test passes; -1 where it does with none."""
    most = -1
    while most + 1 + gained <= inputs and test(most + 1, gained, inputs, margin, level):
        most += 1
    return most
