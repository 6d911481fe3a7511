"""Tables whose first line says what is in them."""

from __future__ import annotations

import pytest

from edgent.bandwidth.trace_formats.named_columns import NamedColumns
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.registry import recognise
from edgent.errors import DataError

BARE = "time bandwidth\n0 1\n1 2\n"


@pytest.mark.parametrize(
    ("text", "bandwidth_bps", "download_bps", "reading"),
    [
        ("time_ms,rate_kbps\n0,5\n500,6\n", [5e3, 6e3], None, "time_ms in ms, rate_kbps in kbps"),
        ("t_s;Throughput (Mbit/s)\n0;5\n0.5;6\n", [5e6, 6e6], None, "t_s in s, Throughput (Mbit/s) in Mbps"),
        ("seconds\tMbps\n0\t5\n0.5\t6\n", [5e6, 6e6], None, "seconds in s, Mbps in Mbps"),
        (
            "# a drive\n\ntime_s, uplink_mbps, rtt_ms, downlink_mbps\n0, 1, 30, 4\n0.5, 2, 31, 5\n",
            [1e6, 2e6],
            [4e6, 5e6],
            "time_s in s, uplink_mbps in Mbps up, downlink_mbps in Mbps down",
        ),
        (
            'place,timeMs,dlKbps,ulKbps\n"a, b",0,3,1\nc,500,4,2\n',
            [1e3, 2e3],
            [3e3, 4e3],
            "timeMs in ms, ulKbps in kbps up, dlKbps in kbps down",
        ),
        ("time_s,DL_gbps\n0,1\n0.5,2\n", [1e9, 2e9], None, "time_s in s, DL_gbps in Gbps down"),
    ],
)
def test_names_tell_columns_and_units(
    text: str, bandwidth_bps: list[float], download_bps: list[float] | None, reading: str
) -> None:
    """Commas, semicolons, tabs or blanks; columns that are neither time nor bandwidth are not asked."""
    assert recognise(text) == "csv"
    samples = NamedColumns().parse(text)
    assert samples.start_s == pytest.approx([0, 0.5])
    assert samples.duration_s == pytest.approx([0.5, 0.5])
    assert samples.bandwidth_bps == pytest.approx(bandwidth_bps)
    if download_bps is None:
        assert samples.download_bps is None
    else:
        assert samples.download_bps == pytest.approx(download_bps)
    assert samples.reading == reading


def test_units_that_no_name_tells_are_asked_for() -> None:
    """All at once, with what to write; then they are taken."""
    assert recognise(BARE) == "csv"
    with pytest.raises(
        DataError, match=r"'time', 'bandwidth'; .*--time time:UNIT --rate bandwidth:UNIT: s, ms"
    ):
        NamedColumns().parse(BARE)
    told = NamedColumns().with_options(ReadingOptions(time="time:s", rate="bandwidth:Mbps"))
    assert told.parse(BARE).bandwidth_bps == pytest.approx([1e6, 2e6])


def test_chosen_columns_are_read_and_no_others() -> None:
    """A named upload does not bring the download with it; a unit that is told wins over the name's."""
    text = "time_s,sent_ms,a_mbps up,b_mbps up,down_kbps\n0,0,1,2,3\n1,1000,4,5,6\n"
    with pytest.raises(
        DataError, match=r"2 columns are named as the bandwidth up; choose with --up among a_mbps up, b"
    ):
        NamedColumns().parse(text)
    one = NamedColumns(ReadingOptions(time="sent_ms", up="b_mbps up:kbps")).parse(text)
    assert one.bandwidth_bps == pytest.approx([2e3, 5e3])
    assert one.download_bps is None
    assert one.start_s == pytest.approx([0, 1])
    both = NamedColumns(ReadingOptions(up="a_mbps up", down="down_kbps")).parse(text)
    assert both.download_bps == pytest.approx([3e3, 6e3])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("time_s,rate_kbps\n", "line 1: the table holds no rows"),
        ("time_s,rate_kbps\n0,1\n", "line 2: a single line of time and rate does not say how long"),
        ("time_s,rate_kbps\n0,1\n\n1,2,3\n", "line 4: 3 columns where the first line names 2"),
        ("time_s,rate_kbps\n0,1\n1,-\n", "line 3: rate_kbps is '-', not a number$"),
        (
            "time_s;rate_kbps\n0;1,5\n1;2\n",
            r"rate_kbps is '1,5', not a number; decimals stand behind a point",
        ),
        (
            "time_s,rate_kbps\n2026-01-01 00:00:00,1\n2026-01-01 00:00:01,2\n",
            "line 2: time_s is '2026-01-01 00:00:00', not a number; write a date as seconds since 1970",
        ),
        ("time_s,rate_kbps\n0,1\n1,nan\n", "line 3: rate_kbps is nan; numbers are finite"),
        ("# a\n\ntime_s,rate_kBps\n0,1\n1,2\n", "line 3: no unit is said of 'rate_kBps'"),
        ("time_s,rate_MB/s\n0,1\n1,2\n", "no unit is said of 'rate_MB/s'"),
        (
            "time_s,time_ms,rate_kbps\n0,0,1\n1,1,2\n",
            r"2 columns are named as the time; choose with --time among time_s, time_ms",
        ),
        (
            "time_s,loss\n0,1\n1,2\n",
            "no column is named as the bandwidth; choose with --rate among time_s, loss",
        ),
        ("time_s,rate_kbps,rate_kbps\n0,1,1\n1,2,2\n", r"2 columns are named as the bandwidth"),
        ('time_s,rate_kbps\n0,"' + "1" * 200_000 + '"\n', "line 2: not a table: field larger"),
    ],
)
def test_malformed_tables(text: str, problem: str) -> None:
    """The message gives the line and what to do."""
    with pytest.raises(DataError, match=problem):
        NamedColumns().parse(text)


def test_columns_that_are_not_there() -> None:
    """The nearest name is said; a name that stands twice is none."""
    with pytest.raises(DataError, match="no column 'rat_kbps'; did you mean 'rate_kbps'"):
        NamedColumns(ReadingOptions(rate="rat_kbps")).parse("time_s,rate_kbps\n0,1\n1,2\n")
    with pytest.raises(DataError, match="2 columns 'x'"):
        NamedColumns(ReadingOptions(rate="x:kbps")).parse("time_s,x,x\n0,1,1\n1,2,2\n")


@pytest.mark.parametrize("text", ["", "0,1\n1,2\n", "arrivals\n5\n", "a b c\n1 2 3\n", "time place\n0 1\n"])
def test_what_is_no_table_of_bandwidths(text: str) -> None:
    """Numbers in the first line, a single column, or names that tell nothing: others may know the format."""
    assert not NamedColumns().recognises(text)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        (
            "time_s,rate_gbps\n0,1200\n1,1000\n",
            (
                r"line 1: rate_gbps: no link is like the first .*: in Gbps 1,100,000 Mbps; "
                r"in kbps 1\.1 Mbps; in bps 0\.0011 Mbps. Say which it is, such as --rate rate_gbps:kbps"
            ),
        ),
        (
            "# a\ntime_s,up_mbps,down_gbps\n0,4,20\n1,5,30\n",
            r"line 2: down_gbps: .*: in Gbps 25,000 Mbps; in Mbps 25 Mbps; in kbps .*--down down_gbps:Mbps",
        ),
        ("time_s,rate_bps\n0,3\n1,5\n", r"in bps 4e-06 Mbps; in kbps 0\.004 Mbps; in Mbps 4 Mbps"),
    ],
)
def test_a_unit_that_makes_an_absurd_link_is_refused(text: str, readings: str) -> None:
    """A name may be wrong; the readings are side by side, and the unit that is given is taken."""
    with pytest.raises(DataError, match=readings):
        NamedColumns().parse(text)


def test_a_unit_that_is_given_is_taken_whatever_it_makes() -> None:
    """And an outage all along is one in any unit."""
    given = NamedColumns(ReadingOptions(rate="rate_gbps:Gbps"))
    assert given.parse("time_s,rate_gbps\n0,1200\n1,1000\n").bandwidth_bps == pytest.approx([1.2e12, 1e12])
    assert not NamedColumns().parse("time_s,rate_gbps\n0,0\n1,0\n").bandwidth_bps.any()


def test_empty_rows_are_counted() -> None:
    """Those of separators, not empty lines; the row before them holds on."""
    samples = NamedColumns().parse("\ntime_s,rate_mbps\n0,1\n\n , \n,\n2,3\n")
    assert (samples.dropped_rows, samples.line) == (2, [3, 7])
    assert samples.duration_s == pytest.approx([2, 2])
