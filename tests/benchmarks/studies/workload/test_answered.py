"""What is kept of a condition comes back as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.studies.workload.answered import Measured, accuracy_in_time, late_share
from benchmarks.studies.workload.conditions import conditions
from benchmarks.studies.workload.measure import left_to_measure
from tests.benchmarks.studies.workload.conftest import answered


def test_what_is_kept_comes_back(measured: Measured, tmp_path: Path) -> None:
    """Whole, and nothing unfinished is left beside it."""
    measured.write(tmp_path / "kept.json")
    assert Measured.read(tmp_path / "kept.json") == measured
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_a_run_goes_on_where_it_was(measured: Measured, tmp_path: Path) -> None:
    """And measures anew what was measured at another speed."""
    every = conditions()[:4]
    assert left_to_measure(tmp_path, every) == every
    for condition, speed_s in zip(every[:3], (1.0, 1.5, 1.0), strict=True):
        replace(measured, condition=condition, speed_s=speed_s).write(tmp_path / condition.file_name)
    assert left_to_measure(tmp_path, every) == [every[1], every[3]]


def test_a_late_answer_counts_nothing() -> None:
    """And where nothing was asked, everything is late."""
    answers = [answered(0.1, 0.9), answered(0.2, 0.9)]
    assert accuracy_in_time(answers, 0.1) == pytest.approx(0.45)
    assert late_share(answers, 0.1) == 0.5
    assert (accuracy_in_time([], 0.1), late_share([], 0.1)) == (0.0, 1.0)
