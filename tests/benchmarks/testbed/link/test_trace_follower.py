"""Replaying a trace."""

import threading

import numpy as np
import pytest

from benchmarks.testbed.link.trace_follower import LEAST_RATE_BPS, TraceFollower
from edgent.bandwidth.traces import BandwidthTrace


def trace_of(each_s: float, up_bps: list[float], down_bps: list[float] | None = None) -> BandwidthTrace:
    """A trace whose samples last so long."""
    held_s = np.full(len(up_bps), each_s)
    down = None if down_bps is None else np.array(down_bps)
    return BandwidthTrace("made/up", np.cumsum(held_s) - held_s, held_s, np.array(up_bps), down)


@pytest.mark.parametrize("down_bps", [None, [5e6, 3e6, 0.0]])
def test_samples_come_in_order_and_begin_again(down_bps: list[float] | None) -> None:
    """Each direction gets its bandwidth, or both the only one; an outage becomes the least rate."""
    up_bps = [1e6, 0.0, 2e6]
    rates: list[tuple[float, float]] = []
    enough = threading.Event()

    def set_rate(up_bps: float, down_bps: float) -> None:
        rates.append((up_bps, down_bps))
        if len(rates) == 4:
            enough.set()

    with TraceFollower(trace_of(0.001, up_bps, down_bps), set_rate):
        assert enough.wait(10)
    followed = [
        (max(up, LEAST_RATE_BPS), max(down, LEAST_RATE_BPS))
        for up, down in zip(up_bps, up_bps if down_bps is None else down_bps, strict=True)
    ]
    assert rates[:4] == [*followed, followed[0]]


def test_a_long_sample_does_not_delay_the_end() -> None:
    """Leaving does not wait for the sample of an hour to pass."""
    with TraceFollower(trace_of(3600.0, [1e6]), lambda *_: None):
        pass


def test_a_failure_to_set_the_rate_is_raised_at_the_end() -> None:
    """A link that did not follow its trace must not pass for one that did."""
    failed = threading.Event()

    def fail(_up_bps: float, _down_bps: float) -> None:
        failed.set()
        raise OSError("no such link")

    with pytest.raises(OSError, match="no such link"), TraceFollower(trace_of(0.01, [1e6]), fail):
        assert failed.wait(10)
