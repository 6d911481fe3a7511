"""Chances to deliver a packet become bandwidths."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from edgent.bandwidth.trace_files import read_folder
from edgent.bandwidth.trace_formats.mahimahi import Mahimahi
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.registry import recognise
from edgent.bandwidth.trace_statistics import trace_statistics
from edgent.errors import DataError

DATA = os.environ.get("EDGENT_DATA_DIR", "")
PAIRS = Path(DATA) / "traces" / "mahimahi"
needs_pairs = pytest.mark.skipif(
    not (DATA and PAIRS.is_dir()), reason="EDGENT_DATA_DIR has no traces/mahimahi"
)

STAMPS = "0\n0\n104\n209\n314\n418\n523\n691\n"
PACKET_BITS = 1504 * 8


def test_stamps_are_counted_in_intervals() -> None:
    """A repeated stamp counts again; what is left after the last whole interval is dropped."""
    assert recognise(STAMPS) == "mahimahi"
    samples = Mahimahi().parse(STAMPS)
    assert samples.start_s == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert samples.bandwidth_bps / (PACKET_BITS / 0.1) == pytest.approx([2, 1, 1, 1, 1, 1])
    wide = Mahimahi().with_options(ReadingOptions(interval_s=0.3)).parse(STAMPS)
    assert wide.bandwidth_bps * 0.3 / PACKET_BITS == pytest.approx([4, 3])


def test_an_outage_is_the_absence_of_stamps() -> None:
    """Before the first stamp, too, since the recording begins at 0."""
    samples = Mahimahi().parse("150\n420\n499\n500\n")
    assert samples.bandwidth_bps * 0.1 / PACKET_BITS == pytest.approx([0, 1, 0, 0, 3])


def test_the_end_of_the_period_belongs_to_the_last_interval() -> None:
    """Only where the period is a number of whole intervals."""
    assert Mahimahi().parse("100\n200\n").bandwidth_bps * 0.1 / PACKET_BITS == pytest.approx([0, 2])
    assert Mahimahi().parse("100\n200\n250\n").bandwidth_bps * 0.1 / PACKET_BITS == pytest.approx([0, 1])
    assert Mahimahi(0.3).parse("300\n").bandwidth_bps * 0.3 / PACKET_BITS == pytest.approx([1])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0\n5\n3\n300\n", "line 3: 3 is no stamp of Mahimahi's"),
        ("0\n\n5.5\n300\n", "line 3: 5.5 is no stamp"),
        ("-1\n300\n", "line 1: -1 is no stamp"),
        ("0\n99\n", "the stamps end at 99 ms, which are 0 whole intervals of 100 ms"),
        ("0\n900000000000000\n", "outside 1 to 1000000; choose another --interval"),
    ],
)
def test_malformed_stamps(text: str, problem: str) -> None:
    """The message gives line and value; a huge stamp takes no memory."""
    with pytest.raises(DataError, match=problem):
        Mahimahi().parse(text)


@needs_pairs
def test_recorded_pairs() -> None:
    """Both ways, over the shorter length, with means and outages as counted from the stamps themselves."""
    read = {each.trace.name: each.trace for each in read_folder(PAIRS).read}
    mobile = read["mahimahi/TMobile-LTE-short"]
    assert mobile.bandwidth_bps[0] == pytest.approx(3_729_920)
    assert mobile.total_s == pytest.approx(139.9)
    expected_kbps = {
        "ATT-LTE-driving-2016": (1915, 4572),
        "TMobile-LTE-short": (13354, 16747),
        "Verizon-EVDO-driving": (845, 522),
    }
    assert set(read) == {f"mahimahi/{name}" for name in expected_kbps}
    for name, (up_kbps, down_kbps) in expected_kbps.items():
        trace = read[f"mahimahi/{name}"].resampled(1.0)
        assert trace.download is not None
        assert trace_statistics([trace]).mean_bps == pytest.approx(up_kbps * 1e3, rel=0.01)
        assert trace_statistics([trace.download]).mean_bps == pytest.approx(down_kbps * 1e3, rel=0.01)
    empty = [np.mean(read[f"mahimahi/{name}"].bandwidth_bps == 0) for name in expected_kbps]
    assert 0.11 <= empty[0] <= 0.14
    assert 0.11 <= empty[2] <= 0.14
