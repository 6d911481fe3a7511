"""Two bare columns may be several things, and are not guessed at where the guess is absurd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.bandwidth.trace_files import load_trace
from edgent.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

MS_KBPS = "0 1200\n1000 900\n2000 1100\n3000 800\n"
CONST_5G = "0 1000\n1 1000\n"
COMMAS = "0,1200\n1,900\n2,1100\n"
UNEVEN_MBPS = "0 4.5\n1.3 4.5\n2 3\n3.1 3\n"


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        (
            MS_KBPS,
            "seconds-mbps: 4 samples of 1,000 s, mean 1,000 Mbps; ms-kbps: 4 samples of 1 s, mean 1 Mbps.",
        ),
        (
            CONST_5G,
            (
                "oboe: 1 sample of 0.001 s, mean 1 Mbps; seconds-mbps: 2 samples of 1 s, mean 1,000 Mbps; "
                "seconds-kbps: 2 samples of 1 s, mean 1 Mbps. Choose"
            ),
        ),
        (
            COMMAS,
            (
                "seconds-mbps: 3 samples of 1 s, mean 1,067 Mbps; "
                "seconds-kbps: 3 samples of 1 s, mean 1.067 Mbps. Choose"
            ),
        ),
        (UNEVEN_MBPS, "seconds-mbps: 4 samples of 1.1 s, mean 3.714 Mbps"),
    ],
)
def test_an_absurd_reading_is_refused_beside_the_others(tmp_path: Path, text: str, readings: str) -> None:
    """1.2 Gbps for 1,000 s, chunks of a millisecond, Gbps where kbps are as likely."""
    path = tmp_path / "trace.txt"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        load_trace(path)
    assert str(caught.value).startswith(f"{path}, line 1: no unit is said")
    assert readings in str(caught.value)
    assert "by --format" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "trace_format", "start_s", "bandwidth_bps"),
    [
        (MS_KBPS, "ms-kbps", [0, 1, 2, 3], [1.2e6, 0.9e6, 1.1e6, 0.8e6]),
        (CONST_5G, "seconds-mbps", [0, 1], [1e9, 1e9]),
        (COMMAS, "seconds-kbps", [0, 1, 2], [1.2e6, 0.9e6, 1.1e6]),
        (UNEVEN_MBPS, "seconds-mbps", [0, 1.3, 2, 3.1], [4.5e6, 4.5e6, 3e6, 3e6]),
        (MS_KBPS, "seconds-mbps", [0, 1000, 2000, 3000], [1.2e9, 0.9e9, 1.1e9, 0.8e9]),
    ],
)
def test_a_format_that_is_told_is_taken(
    tmp_path: Path, text: str, trace_format: str, start_s: list[float], bandwidth_bps: list[float]
) -> None:
    """Whatever it makes of the file."""
    path = tmp_path / "trace.txt"
    path.write_text(text)
    trace = load_trace(path, trace_format)
    assert trace.start_s == pytest.approx(start_s)
    assert trace.bandwidth_bps == pytest.approx(bandwidth_bps)


def test_zeros_say_nothing_of_their_units(tmp_path: Path) -> None:
    """They are an outage in every reading, and no link; a format that is told is taken."""
    path = tmp_path / "trace.txt"
    path.write_text("0 0\n1.5 0\n2 0\n")
    with pytest.raises(
        DataError, match=r"seconds-mbps: 3 samples of 1 s, mean 0 Mbps; seconds-kbps: 3 samples"
    ):
        load_trace(path)
    assert not load_trace(path, "seconds-mbps").bandwidth_bps.any()


@pytest.mark.parametrize("text", ["0 3\n300 2\n", "0 499\n1 499.5\n", "0 0.002\n1 0.001\n"])
def test_slow_and_quick_links_are_not_absurd(tmp_path: Path, text: str) -> None:
    """Means over five minutes, half a gigabit, two kilobits."""
    path = tmp_path / "trace.txt"
    path.write_text(text)
    assert load_trace(path).bandwidth_bps.size == 2


def test_units_that_a_format_knows_are_doubted_too(tmp_path: Path) -> None:
    """Petabits are no link's, unless the format is told; an outage all along is one."""
    path = tmp_path / "trace.json"
    path.write_text('[{"duration_ms": 1000, "bandwidth_kbps": 1e12}]')
    with pytest.raises(
        DataError, match=r"line 1: no link is like this: json: 1 sample of 1 s, .*--format json"
    ):
        load_trace(path)
    assert load_trace(path, "json").bandwidth_bps.tolist() == [1e15]
    path.write_text('[{"duration_ms": 1000, "bandwidth_kbps": 0}]')
    assert load_trace(path).bandwidth_bps.tolist() == [0.0]


@pytest.mark.parametrize("text", ["0 1\n,,\n1 2\n", "0,1\n,\n1,2\n"])
def test_separators_alone_are_no_numbers(tmp_path: Path, text: str) -> None:
    """Of bare numbers such a line is refused."""
    path = tmp_path / "trace.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=r"line 2: expected numbers, found ' *'"):
        load_trace(path)
