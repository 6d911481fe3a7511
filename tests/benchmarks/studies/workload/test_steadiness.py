"""How fast the machine is."""

from itertools import count

from benchmarks.studies.workload.steadiness import speed_s, unsteady


def test_the_speed_is_told_by_the_clock() -> None:
    """Here by a clock that goes on by a second whenever it is read."""
    seconds = count()
    assert speed_s(lambda: float(next(seconds))) == 1.0


def test_what_was_measured_at_another_speed_than_usual() -> None:
    """Slower or faster."""
    assert unsteady({"a": 1.0, "b": 1.09, "c": 1.2, "d": 0.85, "e": 1.0}) == ["c", "d"]
