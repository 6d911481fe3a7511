"""The length of a training and its learning rate."""

import pytest

from edgent.training.schedule import Limits, learning_rate


def test_share_follows_what_ends_first() -> None:
    """Epochs or time, whichever is further on; never more than all."""
    limits = Limits(epochs=10, time_budget_s=100)
    assert limits.share(2, 50) == 0.5
    assert limits.share(8, 50) == 0.8
    assert limits.share(3, 200) == 1
    assert Limits(epochs=10).share(5, 1e9) == 0.5


def test_no_time_is_no_training() -> None:
    """A budget of no seconds is not the same as none."""
    assert Limits(epochs=10, time_budget_s=0).share(0, 0.0) == 1


def test_rate_rises_once_and_falls_once() -> None:
    """One cycle that starts at a tenth, reaches the peak and ends near nothing."""
    rates = [learning_rate(i / 1000, 0.2) for i in range(1001)]
    top = rates.index(max(rates))
    assert rates[0] == pytest.approx(0.02)
    assert max(rates) == pytest.approx(0.2)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 < rates[-1] <= 0.2 / 1000
