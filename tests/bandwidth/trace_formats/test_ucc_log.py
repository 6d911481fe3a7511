"""Logs of the 4G and 5G sets of University College Cork."""

from __future__ import annotations

import pytest

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.registry import recognise, recognise_table
from edgent.bandwidth.trace_formats.ucc_log import UccLog
from edgent.errors import DataError

ONE_ROW = (
    "Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,CQI,RSSI,DL_bitrate,"
    "UL_bitrate,State\n2018.01.18_12.56.28,-8.49,51.89,0,A,2,LTE,-97,-13,4.0,10,-81,8,3,D\n"
)


def log(*rows: str) -> str:
    """A log of rows `seconds,DL,UL,State,PINGLOSS`."""
    lines = [
        f"2019.12.14_10.16.{second:0>2},-,{rest}" for second, rest in (row.split(",", 1) for row in rows)
    ]
    return "\n".join(["Timestamp,SNR,DL_bitrate,UL_bitrate,State,PINGLOSS", *lines, ""])


def test_a_single_row_holds_for_the_sets_interval() -> None:
    """8 kbps for a second; a set without pings has no column of them."""
    assert recognise(ONE_ROW) == "ucc"
    samples = UccLog().parse(ONE_ROW)
    assert (samples.bandwidth_bps.tolist(), samples.duration_s.tolist()) == ([8000], [1])
    assert "UL_bitrate is acknowledgements" in samples.reading


def test_stale_and_idle_rows_are_left_out() -> None:
    """A value holds until the next stamp; a zero of a device at work is an outage."""
    samples = UccLog().parse(
        log(
            "1,0,0,I,-",  # idle
            "2,100,9,D,-",
            "2,300,9,D,-",  # the same stamp
            "3,100,9,D,-",  # the same rates
            "5,200,9,D,0",  # a ping
            "8,100,8,D,-",  # another upload, so it was measured anew
            "9,0,0,D,-",  # an outage
            "11,0,0,D,-",  # it goes on
            "12,7,1,D,-",
        )
    )
    assert (samples.start_s - samples.start_s[0]).tolist() == [0, 6, 7, 9, 10]
    assert samples.bandwidth_bps.tolist() == [100e3, 100e3, 0, 0, 7e3]
    assert samples.duration_s.tolist() == [1, 1, 2, 1, 1]
    assert samples.line == [3, 7, 8, 9, 10]
    assert samples.dropped_rows == 4
    assert samples.download_bps is None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            ReadingOptions(up="UL_bitrate"),
            "UL_bitrate of this set is what the acknowledgements of a download",
        ),
        (ReadingOptions(rate="UL_bitrate:kbps"), "UL_bitrate of this set is what the acknowledgements"),
        (ReadingOptions(up="DL_bitrate"), "columns are --time Timestamp and --down DL_bitrate only"),
        (ReadingOptions(down="SNR"), "columns are --time Timestamp and --down DL_bitrate only"),
        (ReadingOptions(time="SNR"), "columns are --time Timestamp and --down DL_bitrate only"),
    ],
)
def test_acknowledgements_are_no_uplink(options: ReadingOptions, problem: str) -> None:
    """A table with the sets' names is one of them when columns are named, too."""
    assert recognise_table(ONE_ROW) == "ucc"
    with pytest.raises(DataError, match=problem):
        UccLog().with_options(options).parse(ONE_ROW)
    assert UccLog(ReadingOptions(down="DL_bitrate")).parse(ONE_ROW).bandwidth_bps.tolist() == [8000]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (log("1,0,0,I,-", "2,5,1,D,3"), "line 2: all 2 rows are idle or stale"),
        (log("1,-,0,D,-"), "line 2: DL_bitrate is '-', not a whole number of kbps"),
        (log("1,5,-1,D,-"), "line 2: UL_bitrate is '-1', not a whole number"),
        (log("xx,5,1,D,-"), "line 2: Timestamp is '2019.12.14_10.16.xx', not like 2018.01.18_12.56.28"),
    ],
)
def test_malformed_logs(text: str, problem: str) -> None:
    """The message gives the line and the value."""
    with pytest.raises(DataError, match=problem):
        UccLog().parse(text)
