"""Two numbers that stand for the bytes of many frames."""

from __future__ import annotations

from edgent.latency.frame_sizes import mean_and_p95


def test_mean_and_percentile_to_a_tenth() -> None:
    """By hand: three sizes, of which the percentile lies between the two largest."""
    assert mean_and_p95([100, 101, 111]) == (104.0, 110.0)
    assert mean_and_p95([100, 100, 101]) == (100.3, 100.9)
    assert mean_and_p95([7]) == (7.0, 7.0)
