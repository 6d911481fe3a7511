"""What exchanges take, learnt from links that are known."""

import random

import numpy as np
import pytest

from edgent.bandwidth.transfer_time import Amounts, TransferTime
from edgent.errors import DataError

SIZES_BYTES = (1_500, 3_000, 6_000, 11_000)


def _exchange(rng: random.Random) -> Amounts:
    return Amounts(rng.choice(SIZES_BYTES), rng.choice((400, 400, 4_000)), after_pause=rng.random() < 0.2)


def _takes_s(amounts: Amounts, fixed_s: float, upload_bps: float, download_bps: float) -> float:
    moving_s = 8 * (amounts.up_bytes / upload_bps + amounts.down_bytes / download_bps)
    return fixed_s + 0.06 * amounts.after_pause + moving_s


@pytest.mark.parametrize(("upload_bps", "download_bps"), [(1e6, 1e7), (1e7, 1e6), (3e5, 3e5)])
@pytest.mark.parametrize("fixed_s", [0.002, 0.05, 0.2])
def test_after_twenty_exchanges_predictions_are_right(
    fixed_s: float, upload_bps: float, download_bps: float
) -> None:
    """Begun at twice or half of everything, with 2 % of noise: the median error is below 5 %."""
    rng = random.Random(7)
    time = TransferTime(2 * fixed_s, upload_bps / 2, 2 * download_bps)
    errors = []
    for number in range(60):
        amounts = _exchange(rng)
        seconds = _takes_s(amounts, fixed_s, upload_bps, download_bps) * rng.uniform(0.98, 1.02)
        if number >= 20:
            errors.append(abs(time.parts(amounts).total_s / seconds - 1))
        time.learn(amounts, seconds)
    assert np.median(errors) < 0.05


def test_the_parts_are_told_apart_by_sizes() -> None:
    """A longer fixed part, a quicker upload and a slower download, all at once."""
    rng = random.Random(1)
    time = TransferTime(0.01, 1e6, 1e6)
    for _ in range(80):
        amounts = _exchange(rng)
        time.learn(amounts, _takes_s(amounts, 0.03, 2e6, 5e5))
    parts = time.parts(Amounts(1e6, 1e6, after_pause=True))
    assert parts.fixed_s == pytest.approx(0.03, rel=0.1)
    assert parts.wake_s == pytest.approx(0.06, rel=0.1)
    assert parts.up_s == pytest.approx(4.0, rel=0.1)
    assert parts.down_s == pytest.approx(16.0, rel=0.1)
    assert parts.total_s == pytest.approx(parts.fixed_s + parts.wake_s + parts.up_s + parts.down_s)


def test_bytes_that_were_timed_alone_move_their_own_rate_only() -> None:
    """What is known of the rest stays."""
    time = TransferTime(0.01, 1e6, 1e6)
    for _ in range(20):
        time.learn(Amounts(0, 50_000, is_whole=False), 0.1)
    parts = time.parts(Amounts(1_000, 1_000))
    assert (parts.fixed_s, parts.up_s) == pytest.approx((0.01, 0.008), rel=0.1)
    assert parts.down_s == pytest.approx(0.002, rel=0.05)


def test_nothing_becomes_negative() -> None:
    """However short exchanges are that should take long."""
    time = TransferTime(0.2, 1e5, 1e5)
    for _ in range(50):
        time.learn(Amounts(5_000, 5_000), 1e-4)
    parts = time.parts(Amounts(1, 1, after_pause=True))
    assert min(parts.fixed_s, parts.up_s, parts.down_s) > 0
    assert parts.wake_s >= 0


@pytest.mark.parametrize("values", [(-1.0, 1e6, 1e6), (0.0, 0.0, 1e6), (0.0, 1e6, float("nan"))])
def test_it_begins_with_numbers(values: tuple[float, float, float]) -> None:
    """The message says which."""
    with pytest.raises(DataError, match="bytes go at more than 0 bit/s, not"):
        TransferTime(*values)
