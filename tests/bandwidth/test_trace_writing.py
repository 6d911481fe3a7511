"""Traces as text: read back as they were, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces, steady_trace
from edgent.bandwidth.trace_files import load_trace
from edgent.bandwidth.trace_writing import trace_text
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

UNEVEN_S = np.array([0.0, 100.0, 350.0, 400.0])


def _read_back(trace: BandwidthTrace, folder: Path) -> BandwidthTrace:
    path = folder / "trace.txt"
    path.write_text(trace_text(trace), encoding="utf-8")
    return load_trace(path)


def _trace(start_s: list[float] | np.ndarray, *bandwidths_bps: list[float]) -> BandwidthTrace:
    columns = [np.array(bandwidth_bps) for bandwidth_bps in bandwidths_bps]
    return BandwidthTrace("set/trace", np.array(start_s), np.ones(len(start_s)), *columns)


def test_written_traces_are_read_back(tmp_path: Path) -> None:
    """Demo traces survive the round trip through a file, outages included, as bare lines."""
    for trace in demo_traces(5, samples=60):
        back = _read_back(trace, tmp_path)
        np.testing.assert_allclose(back.start_s, trace.start_s)
        np.testing.assert_allclose(back.duration_s, trace.duration_s)
        np.testing.assert_allclose(back.bandwidth_bps, trace.bandwidth_bps, rtol=1e-8)
        assert trace_text(trace).startswith("0 ")


@pytest.mark.parametrize("download_bps", [None, np.array([5e6])])
@pytest.mark.parametrize("total_s", [3.0, 2_000.0])
def test_a_single_sample_is_read_back(
    tmp_path: Path, download_bps: np.ndarray | None, total_s: float
) -> None:
    """As two halves: it lasts as long, and is as quick."""
    trace = BandwidthTrace("a/one", np.array([0.0]), np.array([total_s]), np.array([2e6]), download_bps)
    back = _read_back(trace, tmp_path)
    assert back.total_s == pytest.approx(total_s)
    assert back.bandwidth_bps == pytest.approx([2e6, 2e6])
    assert (back.download_bps is None) == (download_bps is None)


def test_both_directions_are_a_table(tmp_path: Path) -> None:
    """And read back as one."""
    trace = _trace([0.0, 1.0, 2.0], [1e6, 0.0, 2e6], [3e6, 4e6, 0.0])
    back = _read_back(trace, tmp_path)
    assert back.bandwidth_bps == pytest.approx(trace.bandwidth_bps)
    assert back.download_bps == pytest.approx(trace.download_bps)


@pytest.mark.parametrize(
    "trace",
    [
        _trace([0.0, 1.0], [600e6, 600e6]),
        _trace([0.0, 600.0, 1200.0], [2e6, 3e6, 2e6]),
        _trace([0.0, 1.0], [0.0, 0.0]),
        _trace(UNEVEN_S, [5e6, 5e6, 2e6, 2e6]),
    ],
    ids=["quick", "sampled rarely", "down", "as if in pairs"],
)
def test_what_bare_lines_do_not_tell_has_names(tmp_path: Path, trace: BandwidthTrace) -> None:
    """Lines without units would be refused, or taken for another format."""
    assert trace_text(trace).startswith("time_s,rate_mbps\n")
    back = _read_back(trace, tmp_path)
    assert back.start_s == pytest.approx(trace.start_s)
    assert back.bandwidth_bps == pytest.approx(trace.bandwidth_bps)


def test_what_no_link_is_like_is_refused() -> None:
    """With its bandwidths, and what to change."""
    with pytest.raises(DataError, match=r"steady.* is not written, .* a mean of 0\.001 kbps; choose"):
        trace_text(steady_trace(1.0))
    with pytest.raises(DataError, match="a mean of 1 Mbps and 5,000 Mbps; choose another --scale"):
        trace_text(_trace([0.0, 1.0], [1e6, 1e6], [5e9, 5e9]))
