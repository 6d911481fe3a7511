"""What decoding takes: one slow photo does not count, a lasting change does, and old news are forgotten."""

import pytest

from device_runtime.learning.decoding_rate import DecodingRate

USUAL, SLOW = 3.0, 28.0
MANY = 100  # photos that are not decoded


def _after(*rates: float, profiled: float | None = None) -> DecodingRate:
    rate = DecodingRate(profiled)
    for measured in rates:
        rate.observe(measured)
    return rate


def _pass_by(rate: DecodingRate, count: int) -> None:
    for _ in range(count):
        rate.pass_by()


def test_the_first_photo_is_believed() -> None:
    """Whatever the profile says; the second one has as much to say."""
    assert _after(SLOW, profiled=USUAL).believed == SLOW
    assert _after(SLOW, USUAL).believed == pytest.approx((SLOW + USUAL) / 2)


@pytest.mark.parametrize("slow", [1, 2])
def test_a_slow_photo_among_quick_ones_does_not_count(slow: int) -> None:
    """A page fault, or two of them in a row."""
    assert _after(*[USUAL] * 20, *[SLOW] * slow).believed == USUAL
    assert _after(*[USUAL] * 3, *[SLOW] * slow, USUAL).believed == USUAL


def test_a_lasting_change_is_followed_within_three_photos() -> None:
    """In both directions, however long it was otherwise."""
    assert _after(*[USUAL] * 200, *[SLOW] * 3).believed == SLOW
    assert _after(*[SLOW] * 200, *[USUAL] * 3).believed == USUAL


def test_what_is_not_measured_for_long_is_as_usual_again() -> None:
    """A slow spell ended unseen, since photos went up as they were; one that is decoded tells at once."""
    rate = _after(*[USUAL] * 50, *[SLOW] * 5)
    _pass_by(rate, 10)
    assert rate.believed == SLOW
    _pass_by(rate, MANY)
    assert rate.believed == USUAL
    rate.observe(SLOW)
    assert rate.believed == SLOW


def test_a_slow_first_photo_is_forgotten_in_favour_of_the_profile() -> None:
    """Without a profile nothing else is known."""
    for profiled, believed in ((USUAL, USUAL), (None, SLOW)):
        rate = _after(SLOW, profiled=profiled)
        _pass_by(rate, MANY)
        assert rate.believed == believed


def test_a_device_that_is_slower_than_profiled_is_known_to_be() -> None:
    """Five photos are enough to say what is usual here."""
    rate = _after(*[SLOW] * 5, profiled=USUAL)
    _pass_by(rate, MANY)
    assert rate.believed == SLOW
