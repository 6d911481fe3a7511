"""The command line, with made-up measurements: where results are kept, and what is published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from benchmarks.studies.study import Report, Study
from benchmarks.studies.workload import __main__ as command
from benchmarks.studies.workload.agreement import LEVELS, Level
from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.conditions import Condition, quick_conditions
from benchmarks.studies.workload.digests import digests
from benchmarks.studies.workload.limit import LIMIT_FILE, Limits
from benchmarks.studies.workload.measure import Effort
from benchmarks.testbed.errors import TestbedError
from edgent.spec import Pipeline
from tests.benchmarks.studies.workload.test_limit import ROW

PAGE = "<!-- measured -->\n<!-- /measured -->\n"


class MadeUp:
    """Takes the place of a run's measuring.

    Attributes:
        asked: Of each run: how many links were asked, and whether the limit was.
        template: What is kept of each link.
        speeds_s: And how fast the machine was there.
    """

    asked: list[tuple[int, bool]]
    template: Measured
    speeds_s: tuple[float, ...]

    def __init__(
        self, study: Study, pipeline: Pipeline, ours: Path, effort: Effort, _all: Sequence[Condition]
    ) -> None:
        """Begin."""
        self._folder, self._made_with = study.folder, digests(effort, pipeline, ours)

    def measure(self, left: Sequence[Condition], *, limits: bool) -> Mapping[str, str]:
        """Keep what is made up."""
        self.asked.append((len(left), limits))
        for condition, speed_s in zip(left, self.speeds_s, strict=False):
            made = replace(self.template, condition=condition, speed_s=speed_s, digests=self._made_with)
            made.write(self._folder / condition.file_name)
        if limits:
            Limits([ROW], self._made_with).write(self._folder / LIMIT_FILE)
        return self._made_with


@pytest.fixture
def made_up(measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[MadeUp]:
    """In an empty folder, with a page of documentation of its own, and reports of a sentence."""
    MadeUp.asked, MadeUp.template, MadeUp.speeds_s = [], measured, (1.0, 1.0)
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "page.md").write_text(PAGE, encoding="utf-8")
    levels = [Level(str(measured.condition), "exit6:p0", None, 0.2, None)]
    monkeypatch.setattr(command, "Running", MadeUp)
    monkeypatch.setattr(command, "_PAGE", docs / "page.md")
    monkeypatch.setattr(command, "_LEVELS", docs / f"{LEVELS}.csv")
    monkeypatch.setattr(command, "report", lambda *_, **__: Report(["Measured."], records={LEVELS: levels}))
    return MadeUp


def test_a_quick_run_keeps_apart_and_goes_on(
    made_up: type[MadeUp], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link whose file is not whole is measured anew, which a line says."""
    command.main(quick=True)
    kept = sorted((tmp_path / "runs" / "workload-quick").glob("20x-*.json"))
    assert len(kept) == 2
    assert not (tmp_path / "runs" / "workload").exists()
    command.main(quick=True)
    kept[0].write_text("{", encoding="utf-8")
    command.main(quick=True)
    assert made_up.asked == [(2, True), (1, False)]
    assert f"kept, and measured anew: 1 link ({kept[0].name} cannot be read)" in capsys.readouterr().out


def test_only_a_run_that_can_be_used_is_published(
    made_up: type[MadeUp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others have a report, and say where."""
    monkeypatch.setattr(command, "conditions", quick_conditions)
    page, levels = tmp_path / "docs" / "page.md", tmp_path / "docs" / f"{LEVELS}.csv"
    made_up.speeds_s = (1.0, 2.0)
    with pytest.raises(TestbedError, match=r"workload/report\.md says why; .*page\.md stays as it was"):
        command.main(docs=True)
    assert page.read_text(encoding="utf-8") == PAGE
    assert not levels.exists()
    assert (tmp_path / "runs" / "workload" / "report.html").exists()
    made_up.speeds_s = (1.0, 1.0)
    command.main(docs=True)
    assert "- Measured." in page.read_text(encoding="utf-8")
    assert levels.exists()


def test_a_quick_run_is_not_published_and_not_judged(made_up: type[MadeUp], tmp_path: Path) -> None:
    """So few answers say nothing of the machine; they show that everything runs."""
    made_up.speeds_s = (1.0, 2.0)
    command.main(quick=True)
    with pytest.raises(typer.BadParameter, match="a quick run ranks nothing"):
        command.main(quick=True, docs=True)
    assert (tmp_path / "docs" / "page.md").read_text(encoding="utf-8") == PAGE
