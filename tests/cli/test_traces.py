"""``edgent traces``: a table, a figure, and demo traces to keep."""

import logging
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edgent.cli import application
from edgent.errors import DataError


def test_a_folder_is_described(traces: Path, tmp_path: Path) -> None:
    """One row a set; the figure is written where asked."""
    figure = tmp_path / "traces.png"
    result = CliRunner().invoke(application, ["traces", str(traces), "--plot", str(figure)])
    assert result.exit_code == 0, result.output
    assert traces.name in result.stdout
    assert figure.stat().st_size > 1000


def test_demo_traces_can_be_kept(tmp_path: Path) -> None:
    """Written, they are read like any others, and are the same for the same seed."""
    runner = CliRunner()
    made = runner.invoke(application, ["traces", "--seed", "3", "--write", str(tmp_path)])
    assert "written: 20 traces" in made.stdout
    read = runner.invoke(application, ["traces", str(tmp_path)])
    again = runner.invoke(application, ["traces", "--seed", "3"])
    assert read.stdout == again.stdout


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Nor is anything written beside what is there."""
    kept = tmp_path / "demo" / "trace_1.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    result = CliRunner().invoke(application, ["traces", "--write", str(tmp_path)], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert "exists and is not overwritten: name another folder with --write" in result.output
    assert [file.name for file in tmp_path.rglob("*.txt")] == ["trace_1.txt"]
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("name", ["figure.xyz", "figure"])
def test_a_figure_of_no_known_format(traces: Path, tmp_path: Path, name: str) -> None:
    """The message lists the formats."""
    result = CliRunner().invoke(application, ["traces", str(traces), "--plot", str(tmp_path / name)])
    assert (result.exit_code, ".svg" in result.output) == (2, True)


def test_no_traces_no_table(tmp_path: Path) -> None:
    """An empty folder is a mistake of the user's."""
    assert isinstance(CliRunner().invoke(application, ["traces", str(tmp_path)]).exception, DataError)


def test_the_folder_is_given_either_way(traces: Path) -> None:
    """As an argument, or as the other commands take it; not as both."""
    runner = CliRunner()
    by_option = runner.invoke(application, ["traces", "--traces", str(traces)])
    assert by_option.exit_code == 0, by_option.output
    assert by_option.stdout == runner.invoke(application, ["traces", str(traces)]).stdout
    both = runner.invoke(application, ["traces", str(traces), "--traces", str(traces)])
    assert (both.exit_code, "leave one" in both.output) == (2, True)


def test_what_files_were_taken_for_is_said(tmp_path: Path) -> None:
    """And which were left out, with the reason; stdout has the table alone."""
    (tmp_path / "good.txt").write_text("0 1\n1 3\n")
    (tmp_path / "bad.txt").write_text("0 1200\n1000 900\n2000 1100\n")
    result = CliRunner().invoke(application, ["traces", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "read: 1 trace as seconds-mbps (s, Mbps), mean 2,000 kbps\n" in result.stderr
    assert "left out: " in result.stderr
    assert "seconds-mbps: 3 samples of 1,000 s, mean 1,067 Mbps; ms-kbps: 3 samples of 1 s" in result.stderr
    named = CliRunner().invoke(application, ["traces", str(tmp_path), "--format", "ms-kbps"])
    assert "read: 2 traces as ms-kbps" in named.stderr


def test_columns_of_a_table_are_named(tmp_path: Path) -> None:
    """Both directions are kept when they are written."""
    (tmp_path / "drive.csv").write_text("stamp;tx;rx\n0;100;800\n500;300;400\n")
    columns = ["--time", "stamp:ms", "--up", "tx:kbps", "--down", "rx:kbps"]
    kept = tmp_path / "kept"
    result = CliRunner().invoke(application, ["traces", str(tmp_path), *columns, "--write", str(kept)])
    assert result.exit_code == 0, result.output
    assert (
        "csv (stamp in ms, tx in kbps up, rx in kbps down), mean 200 kbps up, 600 kbps down" in result.stderr
    )
    read = CliRunner().invoke(application, ["traces", str(kept)])
    assert read.stdout == result.stdout.partition("written")[0]
    rates = CliRunner().invoke(application, ["traces", str(tmp_path), "--rate", "tx", "--up", "rx"])
    assert isinstance(rates.exception, DataError)


def test_a_unit_that_is_not_known_is_told_with_those_that_are(tmp_path: Path) -> None:
    """Of a column that is there."""
    (tmp_path / "drive.csv").write_text("time;rate\n0;100\n1;300\n")
    for options, known in (
        (["--time", "time:h", "--rate", "rate:kbps"], "no unit 'h' is known; there are s, ms, us"),
        (["--time", "time:s", "--rate", "rate:x"], "no unit 'x' is known; there are bps, kbps, Mbps, Gbps"),
    ):
        result = CliRunner().invoke(application, ["traces", str(tmp_path), *options])
        assert known in str(result.exception)


def test_a_figure_says_nothing_of_fonts(
    traces: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What matplotlib falls back to for a font that is missing is nobody's business."""
    result = CliRunner().invoke(application, ["traces", str(traces), "--plot", str(tmp_path / "traces.png")])
    assert result.exit_code == 0, result.output
    logging.getLogger("matplotlib.font_manager").warning("findfont: of a font that is not there")
    assert "findfont" not in caplog.text


def test_stamps_are_counted_in_intervals(tmp_path: Path) -> None:
    """A tenth of a second unless told."""
    (tmp_path / "link.up").write_text("0\n600\n1000\n")
    for options, counted in (([], "every 100 ms"), (["--interval", "0.5"], "every 500 ms")):
        result = CliRunner().invoke(application, ["traces", str(tmp_path), *options])
        assert counted in result.stderr
    wrong = CliRunner().invoke(application, ["traces", str(tmp_path), "--interval", "0"])
    assert "outside 0.001 to 3600 s" in str(wrong.exception)


def test_two_traces_of_one_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    """Nothing is written then, and nothing of what no link is like."""
    for file in ("a/drive/1.txt", "b/drive/1.txt"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text("0 1\n1 2\n")
    kept = tmp_path / "kept"
    result = CliRunner().invoke(
        application, ["traces", str(tmp_path), "--write", str(kept)], env={"COLUMNS": "300"}
    )
    assert result.exit_code == 2
    assert "two traces are named drive/1" in result.output
    slow = ["traces", str(tmp_path / "a"), "--scale", "1e-6", "--write", str(kept)]
    assert "is not written" in str(CliRunner().invoke(application, slow).exception)
    assert not kept.exists()
