"""The exact test: its errors stay below the level, and it is the binomial test where nothing is gained."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from edgent.exits.rules.non_inferiority import critical_root, error, least_inputs, signed_root


def _passes(lost: int, gained: int, inputs: int, margin: float, level: float) -> bool:
    return bool(signed_root(lost, gained, inputs, margin) <= critical_root(inputs, margin, level))


@pytest.mark.parametrize(("inputs", "margin", "level"), [(60, 0.1, 0.05), (200, 0.03, 0.01)])
def test_errors_stay_below_the_level(inputs: int, margin: float, level: float) -> None:
    """By drawing counts at the margin, for few gains and for many."""
    random = np.random.default_rng(1)
    critical, draws = critical_root(inputs, margin, level), 20_000
    for gains in (0.0, 0.003, 0.01, 0.05, 0.2, (1 - margin) / 2):
        counts = random.multinomial(inputs, [gains + margin, gains, abs(1 - 2 * gains - margin)], size=draws)
        wrong = (signed_root(counts[:, 0], counts[:, 1], inputs, margin) <= critical).mean()
        assert wrong <= level + 3 * np.sqrt(level / draws), gains


def test_no_level_is_wasted() -> None:
    """The largest error comes near the level where there are enough inputs for counts to be fine."""
    critical = critical_root(2000, 0.02, 0.05)
    assert 0.045 < error(2000, 0.02, critical) <= 0.05
    assert error(2000, 0.02, critical + 0.1) > 0.05


@pytest.mark.parametrize(("inputs", "margin", "level"), [(300, 0.02, 0.05), (700, 0.01, 0.01)])
def test_without_gains_it_is_the_binomial_test(inputs: int, margin: float, level: float) -> None:
    """The most losses with which that test passes are those with which this one does."""
    most = max(lost for lost in range(inputs) if binom.cdf(lost, inputs, margin) <= level)
    assert _passes(most, 0, inputs, margin, level)
    assert not _passes(most + 1, 0, inputs, margin, level)


def test_gains_make_up_for_losses() -> None:
    """The more are gained, the more may be lost, but less than one for one."""
    most = [
        max(lost for lost in range(-1, 60) if lost < 0 or _passes(lost, gained, 700, 0.01, 0.01))
        for gained in range(0, 40, 4)
    ]
    steps = np.diff(most)
    assert (steps >= 0).all()
    assert (steps <= 4).all()
    assert most[-1] > most[0] + 15


@pytest.mark.parametrize(("margin", "level"), [(0.005, 0.01), (0.02, 0.05), (0.1, 0.001)])
def test_the_least_number_of_inputs(margin: float, level: float) -> None:
    """With it a classifier passes that loses nothing, with one less not even that one."""
    least = least_inputs(margin, level)
    assert _passes(0, 0, least, margin, level)
    assert not _passes(0, 0, least - 1, margin, level)
