"""Drift of shares: false alarms are rare however often one looks, and what has moved is found."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edgent.exits.rules.share_drift import AtExit, is_drift, log_evidence

FALSE_ALARM = 0.05
NOTHING = AtExit(0, 0)


def first_alarm(
    random: np.random.Generator, share: float, later: float, held_out: int, inputs: int
) -> int | None:
    """After how many inputs drift is reported; both samples are random."""
    found_on = AtExit(int(random.binomial(held_out, share)), held_out)
    left = np.cumsum(random.random(inputs) < later)
    return next(
        (
            came + 1
            for came in range(inputs)
            if is_drift(found_on, AtExit(int(left[came]), came + 1), FALSE_ALARM)
        ),
        None,
    )


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_false_alarms_are_as_rare_as_asked(share: float) -> None:
    """Looked at after every one of 1,000 inputs, in 200 runs; few held-out inputs are part of the chance."""
    random = np.random.default_rng(11)
    alarms = [first_alarm(random, share, share, 60, 1000) is not None for _ in range(200)]
    assert np.mean(alarms) <= FALSE_ALARM


@pytest.mark.parametrize(("share", "inputs"), [(5, 20), (4, 30), (3, 60)])
def test_the_mean_evidence_is_never_above_one(share: int, inputs: int) -> None:
    """Summed over all outcomes instead of drawn: it is a bet that cannot win where nothing changes."""
    p, held_out = 1 / share, 12
    chance = [[math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)] for n in (held_out, inputs)]
    mean = sum(
        chance[0][k] * chance[1][x] * math.exp(log_evidence(AtExit(k, held_out), AtExit(x, inputs)))
        for k in range(held_out + 1)
        for x in range(inputs + 1)
    )
    assert mean <= 1.0


@pytest.mark.parametrize(("later", "within"), [(0.6, 60), (0.4, 250), (0.05, 600)])
def test_what_has_moved_is_found(later: float, within: int) -> None:
    """Of 700 held-out inputs a sixth left; the further it is now, the fewer inputs show it."""
    random = np.random.default_rng(12)
    alarms = [first_alarm(random, 1 / 6, later, 700, within) for _ in range(40)]
    assert np.mean([alarm is not None for alarm in alarms]) >= 0.9


def test_before_the_first_input_there_is_no_evidence() -> None:
    """Whatever the held-out inputs did; and none of it comes of an exit that nobody came to."""
    for left in (0, 3, 700):
        assert log_evidence(AtExit(left, 700), NOTHING) < 0
    assert log_evidence(NOTHING, NOTHING) == pytest.approx(0.0)
    assert NOTHING.share == 0.0
    assert not is_drift(NOTHING, AtExit(40, 40), 0.01)
