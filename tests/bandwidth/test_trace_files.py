"""Reading traces of every format, and refusing what is none."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.bandwidth import trace_file, trace_files
from edgent.bandwidth.trace_file import read_trace
from edgent.bandwidth.trace_files import load_trace, load_traces, read_folder
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.registry import TRACE_FORMATS, recognise
from edgent.errors import DataError, PluginError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.package_fixtures import MadeUpPackage

OBOE = "15.0 3000.5\n474.0 3000.5\n514.0 2000\n905.0 2000\n"
PERIODS = """[
    {"duration_ms": 840, "bandwidth_kbps": 16823, "latency_ms": 20},
    {"duration_ms": 1000, "bandwidth_kbps": 0, "latency_ms": 20}
]"""
RAW = "1453121790686 39287 51.04 3.73 2493100 1000\n1453121791686 40287 51.04 3.73 0 1000\n"
SECONDS = "0.0 4.5\n1.0 0\n2.5 3\n"


BAD = {
    "dup.txt": "0.0 4.0\n0.5 4.7\n0.5 4.7\n1.0 3\n",
    "hsdpa_zero.log": "1289406399 549 59.85 10.78 248456 992\n1289406400 549 59.8 10.7 0 0\n",
    "ms_kbps.txt": "0 1200\n1000 900\n2000 1100\n3000 800\n",
    "nan.txt": "0 1.5\n1 nan\n2 3\n",
    "none.txt": "words\n",
}
"""Files that are no traces, or not surely one, in natural order."""


def write(folder: Path, text: str, name: str = "trace_1.txt") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "start_s", "duration_s", "bandwidth_bps"),
    [
        (OBOE, [0, 0.499], [0.459, 0.391], [3000.5e3, 2000e3]),
        ("15 3000\n474 3000\n", [0], [0.459], [3e6]),
        (PERIODS, [0, 0.84], [0.84, 1], [16823e3, 0]),
        ('[{"duration_ms": 5, "bandwidth_kbps": 7.5}]', [0], [0.005], [7500]),
        (RAW, [0, 1], [1, 1], [2493100 * 8, 0]),
        (RAW.splitlines()[0], [0], [1], [2493100 * 8]),
        (SECONDS, [0, 1, 2.5], [1, 1.5, 1.25], [4.5e6, 0, 3e6]),
        ("# made by hand\n\n10 4.5\n11 4.5\n12 2\n13 2\n", [0, 1, 2, 3], [1] * 4, [4.5e6, 4.5e6, 2e6, 2e6]),
        ("\ufeff0 1\r\n1 2\r\n", [0, 1], [1, 1], [1e6, 2e6]),
    ],
)
def test_every_format_by_its_content(
    tmp_path: Path, text: str, start_s: list[float], duration_s: list[float], bandwidth_bps: list[float]
) -> None:
    """Names say nothing; times count from the first sample; zero bandwidth is legal."""
    trace = load_trace(write(tmp_path, text))
    assert trace.name == f"{tmp_path.name}/trace_1"
    assert trace.start_s == pytest.approx(start_s)
    assert trace.duration_s == pytest.approx(duration_s)
    assert trace.bandwidth_bps == pytest.approx(bandwidth_bps)


def test_a_format_can_be_told(tmp_path: Path) -> None:
    """An Oboe trace slow and even enough to pass for Mbps is one when named so; a name is not doubted."""
    path = write(tmp_path, "0 50\n1000 50\n2000 50\n3000 50\n")
    with pytest.raises(DataError, match="no link is like the first of these readings: seconds-mbps"):
        load_trace(path)
    assert load_trace(path, "seconds-mbps").start_s.tolist() == [0, 1000, 2000, 3000]
    assert load_trace(path, "oboe").start_s.tolist() == [0, 2]
    with pytest.raises(UnknownNameError, match="no trace format 'pcap'; there are bytes-ms, csv, json"):
        load_trace(path, "pcap")
    with pytest.raises(DataError, match="line 1: 2 columns where 6 were expected"):
        load_trace(path, "raw")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: the file holds no samples"),
        ("\n# nothing\n", "line 1: the file holds no samples"),
        ("0 1\n", "line 1: a single line of time and rate does not say how long"),
        ("0 1\n1 one\n", "line 2: expected numbers, found '1 one'"),
        ("0 1\n1\n", "line 2: 1 columns where 2 were expected"),
        ("0 1 2\n", "line 1: '0 1 2' is of none of the trace formats json, ucc, csv"),
        ("0 1\n2 1.5\n1 2\n", "line 3: its time 1 s is not after"),
        ("0 1\n1 1.5\n1 2\n", "line 3: its time 1 s is not after"),
        ("0 1\n\n1 -2\n2 3\n", "line 3: its bandwidth is -2e+06 bit/s, below 0"),
        ("0 1\n1 nan\n", "line 2: numbers must be finite"),
        ("0 1\n1 inf\n", "line 2: numbers must be finite"),
        ("0 1\n1 1e300\n", "line 2: numbers must be finite"),
        ("15 3000\n10 3000\n20 500\n30 500\n", "line 2: the pair's times 15 and 10 ms do not rise"),
        ("15 3000\n30 3000\n20 500\n40 500\n", "line 4: the pair's times 20 and 40 ms do not rise"),
        ("15 -600\n30 -600\n50 700\n90 700\n", "line 1: its bandwidth is -600000 bit/s, below 0"),
        ("1 1000 0 0 500 1000\n2 2000 0 0 -500 1000\n", "line 2: its bandwidth is -4000 bit/s"),
        ("1 1000 0 0 500 0\n", "line 1: it covers 0 ms"),
        ("1 2000 0 0 500 1000\n2 1000 0 0 500 1000\n", "line 2: its time"),
        ("[]", "line 1: the list holds no periods"),
        ("{}", "line 1: expected a list of periods, found a dict"),
        ("[1", "not a JSON list"),
        ("[" * 100_000, "not a JSON list"),
        ('[\n{"duration_ms": 1}]', "line 2: a period needs a number bandwidth_kbps, found null"),
        ("[\n\n7]", "line 3: a period needs a number duration_ms, found null"),
        ('[{"duration_ms": true, "bandwidth_kbps": 1}]', "line 1: a period needs a number duration_ms"),
        ('[{"duration_ms": 1, "bandwidth_kbps": NaN}]', "needs a number bandwidth_kbps, found NaN"),
        ('[{"duration_ms": 1, "bandwidth_kbps": 1' + "0" * 400 + "}]", "needs a number bandwidth_kbps"),
        ('[{"duration_ms": 0, "bandwidth_kbps": 1}]', "line 1: duration_ms is 0"),
        (
            '[{"duration_ms": 1, "bandwidth_kbps": 1},\n {"duration_ms": 1, "bandwidth_kbps": -1}]',
            "line 2: its",
        ),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, problem: str) -> None:
    """The message gives the file, the line and the value."""
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=re.escape(problem)) as caught:
        load_trace(path)
    assert str(caught.value).startswith(str(path))


PACKAGE = """
import numpy as np
from edgent.bandwidth.trace_formats.trace_format import Samples

class Arrivals:
    def recognises(self, text):
        return text.startswith("arrivals")

    def parse(self, text):
        start_s = np.array([float(line) for line in text.splitlines()[1:]])
        return Samples(start_s, np.ones(start_s.size), np.full(start_s.size, 12e3), [2, 3])

ARRIVALS = Arrivals()
"""


def test_an_installed_package_adds_a_format(made_up_package: MadeUpPackage, tmp_path: Path) -> None:
    """One file and one entry: its traces are recognised where no format of ours does, and read by name."""
    path = write(tmp_path, "arrivals\n5\n6\n")
    with pytest.raises(DataError, match="line 1: 'arrivals' is of none of the trace formats"):
        load_trace(path)
    made_up_package(TRACE_FORMATS, "arrivals = made_up:ARRIVALS", PACKAGE)
    assert load_trace(path).bandwidth_bps.tolist() == [12e3, 12e3]
    assert load_trace(path, "arrivals").start_s.tolist() == [0, 1]
    assert recognise(SECONDS) == "seconds-mbps"
    assert read_folder(tmp_path).read[0].reading == ""


def test_a_format_of_words_is_recognised_by_its_package(
    made_up_package: MadeUpPackage, tmp_path: Path
) -> None:
    """Two words in the first line are no two columns of numbers."""
    made_up_package(TRACE_FORMATS, "arrivals = made_up:ARRIVALS", PACKAGE)
    assert load_trace(write(tmp_path, "arrivals v1\n5\n6\n")).start_s.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("parsed", "said"),
    [
        ("None", "parses None; it must give Samples"),
        ("Samples([0.0, 1.0], [1.0, 1.0], [1e6, 2e6], [2, 3])", "must be numpy arrays"),
    ],
)
def test_a_format_that_gives_no_samples_is_named(
    made_up_package: MadeUpPackage, tmp_path: Path, parsed: str, said: str
) -> None:
    """What it gives is looked at before it is used."""
    module = PACKAGE.replace("return Samples(start_s", f"return {parsed}\n        Samples(start_s")
    made_up_package(TRACE_FORMATS, "careless = made_up:ARRIVALS", module)
    with pytest.raises(PluginError, match=f"trace format 'careless' .*{said}"):
        load_trace(write(tmp_path, "arrivals\n5\n6\n"))


def test_odd_pairs_when_told_oboe(tmp_path: Path) -> None:
    """Pairs that are none are refused when the format is named."""
    with pytest.raises(DataError, match="line 3: a start without an end"):
        load_trace(write(tmp_path, "0 1\n1 1\n2 1\n"), "oboe")
    with pytest.raises(DataError, match="line 2: the pair begins with 1 kbps and ends with 2 kbps"):
        load_trace(write(tmp_path, "0 1\n1 2\n"), "oboe")


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, binary and oversized files are refused in a sentence."""
    with pytest.raises(DataError, match="cannot be read: No such file"):
        load_trace(tmp_path / "absent.txt")
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(DataError, match="not a text file"):
        load_trace(binary)
    monkeypatch.setattr(trace_file, "MAX_FILE_BYTES", 10)
    with pytest.raises(DataError, match="21 bytes, over the limit of 10"):
        load_trace(write(tmp_path, SECONDS + " "))


def test_folders_in_natural_order(tmp_path: Path) -> None:
    """Subfolders too; readmes, licences and hidden files are passed over."""
    for name in ("trace_10.txt", "trace_2.txt", "trace_1.log"):
        write(tmp_path, SECONDS, name)
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", PERIODS, "report.json")
    for name in ("README.md", "LICENSE.sabre", ".hidden"):
        write(tmp_path, "words", name)
    here = tmp_path.name
    assert [trace.name for trace in load_traces(tmp_path)] == [
        "below/report",
        f"{here}/trace_1",
        f"{here}/trace_2",
        f"{here}/trace_10",
    ]


def test_folders_without_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder, nothing in it, or more than can be meant."""
    with pytest.raises(DataError, match="no such folder"):
        load_traces(tmp_path / "absent")
    with pytest.raises(DataError, match="holds no traces"):
        load_traces(tmp_path)
    write(tmp_path, SECONDS, "a.txt")
    with pytest.raises(DataError, match=r"a.txt: a file; name the folder that it lies in"):
        load_traces(tmp_path / "a.txt")
    write(tmp_path, SECONDS, "b.txt")
    monkeypatch.setattr(trace_files, "MAX_FILES", 1)
    with pytest.raises(DataError, match="2 files, over the limit of 1"):
        load_traces(tmp_path)


def test_a_bad_file_is_left_out_with_its_reason(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The rest is read; only a folder without a single good file is an error."""
    for name, text in BAD.items():
        write(tmp_path, text, name)
    with pytest.raises(
        DataError, match=r"holds no trace that can be read: .*dup\.txt, line 3: .*; and 2 more"
    ):
        read_folder(tmp_path)
    write(tmp_path, SECONDS, "good.txt")
    contents = read_folder(tmp_path)
    assert [read.trace.name for read in contents.read] == [f"{tmp_path.name}/good"]
    assert [reason.partition(",")[0] for reason in contents.left_out] == [
        str(tmp_path / name) for name in sorted(BAD)
    ]
    assert len(load_traces(tmp_path)) == 1
    assert "left out: " in caplog.text
    with pytest.raises(UnknownNameError, match="no trace format 'obeo'; did you mean 'oboe'"):
        read_folder(tmp_path, ReadingOptions("obeo"))


def test_up_and_down_of_a_name_are_one_trace(tmp_path: Path) -> None:
    """Over the shorter length; a lone file is a trace of one direction, and a bad half leaves out both."""
    write(tmp_path, "0\n0\n120\n300\n", "drive.1.up")
    write(tmp_path, "50\n150\n160\n250\n", "drive.1.down")
    write(tmp_path, "100\n", "lone.down")
    write(tmp_path, "100\n", "torn.up")
    write(tmp_path, "100\nlost\n", "torn.down")
    contents = read_folder(tmp_path)
    pair, lone = (read.trace for read in contents.read)
    assert (pair.name, lone.name) == (f"{tmp_path.name}/drive.1", f"{tmp_path.name}/lone")
    assert pair.bandwidth_bps == pytest.approx([2 * 120_320, 120_320])
    assert pair.download_bps == pytest.approx([120_320, 2 * 120_320])
    assert contents.read[0].reading.endswith("counted every 100 ms, pairs of .up and .down")
    assert [read.unpaired_samples for read in contents.read] == [1, 0]
    assert lone.download is None
    one = load_trace(tmp_path / "drive.1.up")
    assert one.download is not None
    assert one.bandwidth_bps == pytest.approx(pair.bandwidth_bps)
    assert one.download_bps == pytest.approx(pair.download_bps)
    assert load_trace(tmp_path / "drive.1.down").download is None
    assert [reason.partition(":")[0] for reason in contents.left_out] == [f"{tmp_path}/torn.down, line 2"]


def test_a_pair_of_other_times_is_left_out(tmp_path: Path) -> None:
    """Nothing says what the one link did at the other's times."""
    write(tmp_path, SECONDS, "walk.up")
    write(tmp_path, "0 4\n1.5 3\n2.5 1\n", "walk.down")
    with pytest.raises(
        DataError, match=r"walk: the samples of its \.up and \.down are not of the same times"
    ):
        load_traces(tmp_path)


@given(
    st.text('0179 .,;\t-#"\n', max_size=40),
    st.sampled_from(
        ["", "time_s,up_kbps\n", "Timestamp,DL_bitrate,UL_bitrate\n", '"' + "t" * 200_000 + ",\n"]
    ),
    st.sampled_from([None, *TRACE_FORMATS]),
)
def test_any_text_is_a_trace_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, header: str, trace_format: str | None
) -> None:
    """No other error gets out."""
    path = write(tmp_path_factory.getbasetemp(), header + text, "any.txt")
    with contextlib.suppress(DataError):
        assert load_trace(path, trace_format).total_s > 0


def test_columns_are_named_of_tables_only(tmp_path: Path) -> None:
    """A format without names has no columns to choose."""
    path = write(tmp_path, SECONDS)
    with pytest.raises(DataError, match="line 1: --time, --rate, --up and --down name columns of a table"):
        read_trace(path, ReadingOptions("seconds-mbps", rate="x"))
