"""What is counted of devices at a busy edge."""

import pytest

from benchmarks.studies.load.measure import Asked, Cell, Outcome
from benchmarks.studies.load.report import PICTURE, fairness, in_vain, report, share


def _cell(outcomes: list[list[Outcome]], runs: int) -> Cell:
    asked = [
        Asked("kept", len(outcomes), 2.0, device, outcome, 0.1)
        for device, of_device in enumerate(outcomes)
        for outcome in of_device
    ]
    return Cell("kept", len(outcomes), 2.0, 10.0, runs, asked)


def test_shares_and_runs_in_vain() -> None:
    """Two of four runs were in time; what expired or was not asked was not run."""
    cell = _cell([["in time", "late", "expired"], ["in time", "late", "not asked"]], runs=4)
    assert share(cell, "in time") == pytest.approx(1 / 3)
    assert in_vain(cell) == 0.5
    assert fairness(cell) == 1.0


def test_one_device_has_all() -> None:
    """Of four: a fourth; where nobody has anything, nobody has more."""
    assert fairness(_cell([["in time"], ["late"], ["late"], ["late"]], 4)) == 0.25
    assert fairness(_cell([["late"], ["late"]], 2)) == 1.0


def test_a_report_has_a_row_for_each_cell() -> None:
    """With a picture and each request."""
    cells = [_cell([["in time"]], 1), _cell([["in time"], ["expired"]], 1)]
    made = report(cells)
    assert [row[1] for row in made.tables[0].rows] == ["1", "2"]
    assert PICTURE in made.pictures
    assert len(made.records["asked"]) == 3
