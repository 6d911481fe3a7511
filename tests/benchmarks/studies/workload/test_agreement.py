"""Two made-up runs beside each other."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.studies.study import Report, Study
from benchmarks.studies.workload.agreement import LEVELS, agreement, levels, read_levels
from benchmarks.studies.workload.answered import Measured
from tests.benchmarks.studies.workload.conftest import ALONE, OWN, answered


def test_levels_are_read_as_they_were_written(measured: Measured, tmp_path: Path) -> None:
    """Of plans, and of a runtime that planned for a requirement."""
    written = list(levels([measured]))
    Study("workload", tmp_path).write(Report(records={LEVELS: written}))

    assert read_levels(tmp_path / f"{LEVELS}.csv") == written
    assert [level.accuracy_in_time for level in written if level.requirement_s] == [pytest.approx(0.9)]
    assert {level.accuracy_in_time for level in written if not level.requirement_s} == {None}


def test_links_that_were_kept_say_nothing(measured: Measured) -> None:
    """They are the same measurements."""
    assert agreement([measured], list(levels([measured]))) == []


def test_a_link_that_was_measured_anew_is_compared_as_a_whole(measured: Measured) -> None:
    """With what took exactly as long as before, too."""
    answers = {**measured.answers, ALONE: [answered(0.1, 0.92)]}
    (said,) = agreement([measured], list(levels([replace(measured, answers=answers)])))
    assert said == (
        "Beside the run that the documentation shows, on 1 link measured anew, 5 times the same "
        "plan: it takes 1.00 times as long in the median, 1.00 to 1.80 in nine of ten. In 1 cells the "
        "accuracy in time of ours moved by +0.0 points in the mean, and by no more than one point in 100%."
    )


def test_what_moved_is_told(measured: Measured) -> None:
    """One of five plans took half as long before; ours was less accurate in time."""
    answers = {
        **measured.answers,
        ALONE: [answered(0.1, 0.92)],
        OWN: [answered(0.06, 0.85), answered(0.2, 0.9)],
    }
    (said,) = agreement([measured], list(levels([replace(measured, answers=answers)])))
    assert "1.00 times as long in the median, 1.00 to 1.80 in nine of ten" in said
    assert "moved by +47.5 points in the mean, and by no more than one point in 0%" in said


def test_runs_with_nothing_in_common_say_nothing(measured: Measured, tmp_path: Path) -> None:
    """As the first run does, which finds no file."""
    assert read_levels(tmp_path / "none.csv") == []
    assert agreement([measured], []) == []
