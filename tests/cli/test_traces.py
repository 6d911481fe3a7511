"""``edgent traces``: a table, a figure, and demo traces to keep."""

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


@pytest.mark.parametrize("name", ["figure.xyz", "figure"])
def test_a_figure_of_no_known_format(traces: Path, tmp_path: Path, name: str) -> None:
    """The message lists the formats."""
    result = CliRunner().invoke(application, ["traces", str(traces), "--plot", str(tmp_path / name)])
    assert (result.exit_code, ".svg" in result.output) == (2, True)


def test_no_traces_no_table(tmp_path: Path) -> None:
    """An empty folder is a mistake of the user's."""
    assert isinstance(CliRunner().invoke(application, ["traces", str(tmp_path)]).exception, DataError)
