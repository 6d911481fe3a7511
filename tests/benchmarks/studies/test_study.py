"""What all studies share: tables, files, and the measured part of a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from benchmarks.studies.study import Picture, Report, Study, Table, run
from benchmarks.testbed.errors import TestbedError
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Time:
    """A row of a CSV file."""

    server: str
    plan: Plan
    ms: tuple[float, ...]


TABLE = Table("Times", ("server", "ms"), [("a", "1.5"), ("b", "-20")], "Medians.")
REPORT = Report(
    ["Two servers."],
    [TABLE],
    {"times.png": Picture("Times", Figure(), "Server c is left out: it gave no answer.")},
    {"times": [Time("a", Plan("exit1", 0), (1.5, 2.0))]},
)


def test_a_table_is_markdown_with_numbers_to_the_right() -> None:
    """Under its title and its note."""
    lines = ["| server | ms |", "| --- | ---: |", "| a | 1.5 |", "| b | -20 |"]
    assert TABLE.markdown() == "## Times\n\nMedians.\n\n" + "\n".join(lines)


def test_a_table_without_rows_has_its_columns() -> None:
    """As of a study that found nothing to tell."""
    empty = Table("Times", ("server", "ms"), [])
    assert empty.markdown().splitlines()[-1].count("---") == 2
    assert [str(column.header) for column in empty.rich().columns] == ["server", "ms"]


def test_a_report_is_a_page_with_everything_beside_it(tmp_path: Path) -> None:
    """CSV files and pictures lie in the study's folder, whatever the documentation is given."""
    Study("hop", tmp_path).write(REPORT, "On a Tuesday.")
    page = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert page.startswith("Made by `python -m benchmarks.studies.hop` on ")
    for part in ("On a Tuesday.", "- Two servers.", TABLE.markdown()):
        assert part in page
    assert page.endswith("\n\n![Times](times.png)\n\n*Times.* Server c is left out: it gave no answer.\n")
    assert (tmp_path / "times.csv").read_text(encoding="utf-8").split() == [
        "server,plan,ms",
        "a,exit1:p0,1.5",
        "2.0",
    ]
    assert (tmp_path / "times.png").is_file()


def test_rows_of_a_stopped_study_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C in the middle of a measurement leaves those before it in their file, and says where."""

    def measured() -> Iterator[Time]:
        yield Time("a", Plan("exit1", 0), (1.5,))
        raise KeyboardInterrupt

    study = Study("hop", tmp_path / "hop")
    with pytest.raises(KeyboardInterrupt), study.kept("times") as rows:
        rows.extend(measured())
    file = tmp_path / "hop" / "times.csv"
    assert file.read_text(encoding="utf-8").split() == ["server,plan,ms", "a,exit1:p0,1.5"]
    assert f"stopped; 1 row until then: {file}" in capsys.readouterr().out


def test_only_the_measured_part_of_a_page_is_written(tmp_path: Path) -> None:
    """What people wrote around it stays; pictures come along, CSV files do not."""
    docs = tmp_path / "docs"
    docs.mkdir()
    page = docs / "page.md"
    page.write_text("# Title\n<!-- measured -->\nold\n<!-- /measured -->\nThe end.\n", encoding="utf-8")
    Study("hop", tmp_path / "out").write(REPORT, page=page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Title\n<!-- measured -->\n\nMade by")
    assert text.endswith("\n<!-- /measured -->\nThe end.\n")
    assert "old" not in text
    assert sorted(file.name for file in docs.iterdir()) == ["page.md", "times.png"]


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    """Nothing that people wrote is overwritten."""
    page = tmp_path / "page.md"
    page.write_text("By hand.\n", encoding="utf-8")
    with pytest.raises(TestbedError, match=r"page\.md: put <!-- measured -->"):
        Study("hop", tmp_path / "out").write(REPORT, page=page)
    assert page.read_text(encoding="utf-8") == "By hand.\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            PermissionError(13, "Permission denied", "runs/hop"),
            "error: runs/hop: Permission denied. What was kept",
        ),
        (OSError(28, "No space left on device"), "error: No space left on device. What was kept"),
    ],
)
def test_a_folder_of_results_that_takes_nothing_is_told_in_one_line(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do next; a fault of the program's own is not hidden."""

    def main() -> None:
        raise error

    monkeypatch.setattr("sys.argv", ["hop"])
    with pytest.raises(SystemExit, match=said):
        run(main)
    error = OSError(9, "Bad file descriptor")
    with pytest.raises(OSError, match="Bad file"):
        run(main)
