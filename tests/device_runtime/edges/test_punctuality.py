"""When an answer is overdue, by what the latest ones took for what was expected."""

from __future__ import annotations

import math

import pytest

from device_runtime.edges.punctuality import Punctuality


def after(*ratios: float) -> float:
    """How many times the expected seconds an answer may take after these."""
    punctuality = Punctuality()
    for ratio in ratios:
        punctuality.observe(0.01, ratio * 0.01)
    return punctuality.overdue_after_s(1.0)


def test_few_answers_say_nothing() -> None:
    """Nobody knows yet what is usual."""
    assert after(1.0, 1.0, 1.0, 1.0) == math.inf
    assert after(1.0, 1.0, 1.0, 1.0, 1.0) == pytest.approx(1.0)


def test_one_straggler_in_many_is_not_usual() -> None:
    """One of forty that took ten times as long makes nobody wait for so long; three do."""
    assert after(*[1.0] * 38, 1.2, 10.0) == pytest.approx(1.2)
    assert after(*[1.0] * 37, 10.0, 10.0, 10.0) == pytest.approx(10.0)


def test_old_answers_are_forgotten() -> None:
    """An edge that is slower from now on is expected to be."""
    assert after(*[1.0] * 100, *[3.0] * 3) == pytest.approx(3.0)
    assert after(*[9.0] * 100, *[1.0] * 40) == pytest.approx(1.0)
