"""Quick among equals: what is about as good, and what a little accuracy is worth."""

import numpy as np
import pytest

from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD, WORTH_IT, quick_among_equals

VALUE = np.array([0.9, 0.9 - 0.5 * ABOUT_AS_GOOD, 0.9 - 1.01 * ABOUT_AS_GOOD, 0.9])


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [
        ([0.2, 0.2, 0.1, 0.2], 0),
        ([0.2, 0.2, 0.1, 0.19], 3),
        ([0.2, 0.2 / (1 + 0.5 * WORTH_IT) - 1e-9, 0.1, 0.3], 1),
        ([0.2, 0.2 / (1 + 0.5 * WORTH_IT) + 1e-9, 0.1, 0.3], 0),
    ],
    ids=["the first of equals", "quicker and as good", "saves enough", "saves too little"],
)
def test_a_plan_has_to_save_time_in_proportion_to_what_it_loses(seconds: list[float], taken: int) -> None:
    """Half of what is about as good for half the share of the latency; what is worse is not looked at."""
    asked: list[list[int]] = []

    def latency_s(plans: IntArray) -> FloatArray:
        asked.append(plans.tolist())
        return np.array(seconds)[plans]

    assert quick_among_equals(VALUE, latency_s, ABOUT_AS_GOOD) == taken
    assert asked == [[0, 1, 3]]


def test_without_indifference_only_the_same_value_is_equal() -> None:
    """And a single best plan is taken without asking for its latency."""
    assert quick_among_equals(VALUE, np.array([0.2, 0.1, 0.1, 0.15]).__getitem__, 0.0) == 3

    def never(plans: IntArray) -> FloatArray:
        raise AssertionError(plans)

    assert quick_among_equals(VALUE[:3], never, 0.0) == 0
