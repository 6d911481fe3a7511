"""How fast the machine is."""

from itertools import count

import pytest

from benchmarks.studies.workload.steadiness import drift, speed_s


def test_the_speed_is_a_median_of_the_clock() -> None:
    """Here of a clock that goes on by a second whenever it is read."""
    seconds = count()
    assert speed_s(lambda: float(next(seconds))) == 1.0


def test_the_drift_is_of_the_slowest_to_the_fastest() -> None:
    """Whenever they were."""
    assert drift([1.0, 1.1, 0.9]) == pytest.approx(1.1 / 0.9 - 1)
