"""What is kept of a condition comes back as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.studies.workload.answered import Measured, accuracy_in_time, late_share
from tests.benchmarks.studies.workload.conftest import answered


def test_what_is_kept_comes_back(measured: Measured, tmp_path: Path) -> None:
    """Whole, and nothing unfinished is left beside it."""
    made = replace(measured, made_with="edgent 1", digests={"sources": "ab"})
    made.write(tmp_path / "kept.json")
    assert Measured.read(tmp_path / "kept.json") == made
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_a_late_answer_counts_nothing() -> None:
    """And where nothing was asked, everything is late."""
    answers = [answered(0.1, 0.9), answered(0.2, 0.9)]
    assert accuracy_in_time(answers, 0.1) == pytest.approx(0.45)
    assert late_share(answers, 0.1) == 0.5
    assert (accuracy_in_time([], 0.1), late_share([], 0.1)) == (0.0, 1.0)
