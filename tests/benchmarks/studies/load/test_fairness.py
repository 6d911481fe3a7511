"""Whether each device gets its share."""

import pytest

from benchmarks.studies.load.fairness import FAIRNESS_HEADS, Fairness, fairness_of


def test_equal_shares_are_fair_whatever_devices_ask() -> None:
    """Half of four, and half of two; who asks nothing has no share."""
    fairness = fairness_of([[True, False, True, False], [False, True], []])
    assert fairness.index == pytest.approx(1.0)
    assert (fairness.least_share, fairness.unserved, fairness.devices) == (0.5, 0, 2)


def test_one_device_has_all() -> None:
    """Of four devices: a fourth; three have nothing."""
    fairness = fairness_of([[True], [False], [False], [False]])
    assert fairness.index == pytest.approx(0.25)
    assert (fairness.least_share, fairness.unserved) == (0.0, 3)


def test_few_requests_make_unlike_shares_by_themselves() -> None:
    """With one request each it may be chance, with four hardly."""
    assert fairness_of([[True], [False]]).by_equal_chances == pytest.approx(0.5)
    assert fairness_of([[True] * 4, [False] * 4]).by_equal_chances == pytest.approx(0.8)


def test_where_nobody_has_anything_nobody_has_more() -> None:
    """Of devices that asked, and where none did."""
    assert fairness_of([[False], [False]]) == Fairness(1.0, 1.0, 0.0, 2, 2)
    assert fairness_of([[], []]) == Fairness(1.0, 1.0, 0.0, 0, 0)


def test_in_a_table() -> None:
    """A cell for each head."""
    cells = fairness_of([[True, False, False], [True, True]]).cells()
    assert dict(zip(FAIRNESS_HEADS, cells, strict=True)) == {
        "fairness": "0.80",
        "by equal chances": "0.78",
        "least served": "33%",
        "got nothing": "0 of 2",
    }
