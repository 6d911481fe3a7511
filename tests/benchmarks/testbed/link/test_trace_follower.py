"""Replaying a trace."""

import threading

import pytest

from benchmarks.testbed.link.trace_follower import LEAST_RATE_BPS, TraceFollower


def test_samples_come_in_order_and_begin_again() -> None:
    """Both directions get each sample's bandwidth; an outage becomes the least rate."""
    rates: list[tuple[float, float]] = []
    enough = threading.Event()

    def set_rate(up_bps: float, down_bps: float) -> None:
        rates.append((up_bps, down_bps))
        if len(rates) == 4:
            enough.set()

    with TraceFollower([(0.001, 1e6), (0.001, 0.0), (0.001, 2e6)], set_rate):
        assert enough.wait(10)
    assert rates[:4] == [(1e6, 1e6), (LEAST_RATE_BPS, LEAST_RATE_BPS), (2e6, 2e6), (1e6, 1e6)]


def test_a_long_sample_does_not_delay_the_end() -> None:
    """Leaving does not wait for the sample of an hour to pass."""
    with TraceFollower([(3600.0, 1e6)], lambda *_: None):
        pass


def test_a_failure_to_set_the_rate_is_raised_at_the_end() -> None:
    """A link that did not follow its trace must not pass for one that did."""
    failed = threading.Event()

    def fail(_up_bps: float, _down_bps: float) -> None:
        failed.set()
        raise OSError("no such link")

    with pytest.raises(OSError, match="no such link"), TraceFollower([(0.01, 1e6)], fail):
        assert failed.wait(10)
