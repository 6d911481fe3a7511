"""A bandwidth trace and the transfers over it."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError


def make_trace(bandwidth_bps: list[float], interval_s: float = 1.0) -> BandwidthTrace:
    """A trace of evenly spaced samples."""
    count = len(bandwidth_bps)
    return BandwidthTrace(
        "set/trace",
        np.arange(count, dtype=np.float64) * interval_s,
        np.full(count, interval_s, float),
        np.array(bandwidth_bps, float),
    )


def test_bandwidth_holds_until_the_next_sample_and_begins_again() -> None:
    """A gap belongs to the sample before it; after the end comes the beginning."""
    trace = BandwidthTrace("t", np.array([0.0, 2.0]), np.array([1.0, 1.0]), np.array([8.0, 80.0]))
    assert trace.total_s == 3.0
    assert trace.held_s.tolist() == [2.0, 1.0]
    assert trace.bandwidth_at([0.0, 1.9, 2.0, 2.9, 3.0, 5.5]).tolist() == [8, 8, 80, 80, 8, 80]


def test_transfer_time_by_hand() -> None:
    """1 kB at 8 kbps takes a second; an outage is waited out; the trace repeats."""
    trace = make_trace([8e3, 0.0, 16e3])
    assert trace.transfer_time_s(1000) == pytest.approx(1.0)
    assert trace.transfer_time_s([500, 1500, 3000, 3001], 0.0) == pytest.approx([0.5, 2.25, 3.0, 3.001])
    assert trace.transfer_time_s(1, [1.0, 1.5, 4.5]) == pytest.approx([1.0005, 0.5005, 0.5005])
    assert trace.transfer_time_s(0, 1.2) == 0.0


def test_transfer_over_an_endless_outage_never_ends() -> None:
    """A trace of zeros carries nothing, and nothing takes no time."""
    assert make_trace([0.0, 0.0]).transfer_time_s([0, 1]).tolist() == [0.0, np.inf]


@given(
    kbps=st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any),
    size_bytes=st.integers(0, 20_000),
    start_ms=st.integers(0, 20_000),
)
def test_transfer_time_against_brute_force(kbps: list[int], size_bytes: int, start_ms: int) -> None:
    """The integral inverted agrees with counting bits millisecond by millisecond."""
    trace = make_trace([value * 1e3 for value in kbps], interval_s=0.5)
    # kbps are bits per millisecond, so whole milliseconds carry whole bits.
    time_ms, left_bits = start_ms, 8 * size_bytes
    carried = 0
    while left_bits > 0:
        carried = kbps[time_ms // 500 % len(kbps)]
        left_bits -= carried
        time_ms += 1
    exact_ms = time_ms - start_ms + (left_bits / carried if carried else 0)
    assert trace.transfer_time_s(size_bytes, start_ms / 1e3) * 1e3 == pytest.approx(exact_ms, abs=1e-6)


def test_scaling() -> None:
    """One factor on every sample; times stay."""
    scaled = make_trace([1e6, 0.0]).scaled(0.5)
    assert scaled.bandwidth_bps.tolist() == [0.5e6, 0.0]
    for factor in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(DataError, match="above 0"):
            scaled.scaled(factor)


def test_resampling_keeps_the_bits() -> None:
    """Each interval has its mean by time; what is not a whole interval is dropped."""
    resampled = make_trace([1e6, 3e6, 5e6]).resampled(1.5)
    assert resampled.bandwidth_bps == pytest.approx([(1 + 1.5) / 1.5 * 1e6, (1.5 + 5) / 1.5 * 1e6])
    assert make_trace([1e6, 3e6, 5e6]).resampled(2.0).bandwidth_bps == pytest.approx([2e6])
    assert make_trace([1e6] * 3, interval_s=0.1).resampled(0.1).start_s == pytest.approx([0, 0.1, 0.2])


@pytest.mark.parametrize("interval_s", [0.0, -1.0, float("nan"), 4.0, 1e-7])
def test_resampling_refuses_impossible_intervals(interval_s: float) -> None:
    """Not above 0, longer than the trace, or so short that memory would run out."""
    with pytest.raises(DataError, match="interval"):
        make_trace([1.0, 2.0, 3.0]).resampled(interval_s)


@pytest.mark.parametrize(
    ("start_s", "duration_s", "bandwidth_bps", "problem"),
    [
        ([], [], [], "0 samples"),
        ([0.0], [1.0, 1.0], [1.0], "shapes"),
        ([0.0, 1.0], [1.0, 1.0], [1.0, np.nan], "sample 1: its bandwidth is nan"),
        ([0.0, 1.0], [1.0, 1.0], [1.0, np.inf], "sample 1: its bandwidth is inf"),
        ([0.0, 1.0], [1.0, 1.0], [-2.0, 1.0], "sample 0: its bandwidth is -2"),
        ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0], "sample 1: it lasts 0 s"),
        ([0.0, 1.0, 1.0], [1.0] * 3, [1.0] * 3, "sample 2: its time 1 s is not after"),
        ([1.0], [1.0], [1.0], "starts at 1 s"),
    ],
)
def test_refuses_malformed_samples(
    start_s: list[float], duration_s: list[float], bandwidth_bps: list[float], problem: str
) -> None:
    """The message names the trace, the sample and the value."""
    with pytest.raises(DataError, match=re.escape(problem)):
        BandwidthTrace("t", np.array(start_s), np.array(duration_s), np.array(bandwidth_bps))


def test_samples_are_read_only() -> None:
    """A frozen trace is frozen to its numbers, and does not freeze its source's."""
    source = np.array([1.0])
    trace = BandwidthTrace("t", np.array([0.0]), np.array([1.0]), source)
    source[0] = 2.0
    assert trace.bandwidth_bps[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        trace.bandwidth_bps[0] = 3.0


def test_a_trace_of_both_directions() -> None:
    """Scaled and resampled together; the download is a trace of its own, on which transfers are timed."""
    trace = BandwidthTrace("t", np.arange(2.0), np.ones(2), np.array([8e3, 16e3]), np.array([80e3, 0.0]))
    assert trace.download is not None
    assert trace.download.download is None
    assert trace.download.transfer_time_s(1000) == pytest.approx(0.1)
    assert trace.transfer_time_s(1000) == pytest.approx(1.0)
    scaled = trace.scaled(0.5)
    assert scaled.download_bps == pytest.approx([40e3, 0])
    assert scaled.resampled(2.0).bandwidth_bps == pytest.approx([6e3])
    assert scaled.resampled(2.0).download_bps == pytest.approx([20e3])
    assert make_trace([1.0]).download is None


@pytest.mark.parametrize(
    ("download_bps", "problem"),
    [([1.0, -1.0], "sample 1: its download bandwidth is -1 bit/s, below 0"), ([1.0], "shapes")],
)
def test_refuses_a_malformed_download(download_bps: list[float], problem: str) -> None:
    """By the same rules."""
    with pytest.raises(DataError, match=re.escape(problem)):
        BandwidthTrace("t", np.arange(2.0), np.ones(2), np.ones(2), np.array(download_bps))
