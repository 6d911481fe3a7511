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
    assert fairness(cell).index == pytest.approx(1.0)
    assert fairness(cell).least_share == pytest.approx(1 / 3)


def test_one_device_has_all() -> None:
    """Of four: a fourth."""
    assert fairness(_cell([["in time"], ["late"], ["late"], ["expired"]], 4)).index == pytest.approx(0.25)


def test_a_report_has_a_row_for_each_cell() -> None:
    """With a picture and each request."""
    cells = [_cell([["in time"]], 1), _cell([["in time"], ["expired"]], 1)]
    made = report(cells)
    assert [row[1] for row in made.tables[0].rows] == ["1", "2"]
    goodput, vain = made.pictures[PICTURE].figure.axes
    (legend,) = made.pictures[PICTURE].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "deadlines kept",
        "deadlines from arrival",
        "all that the head can compute, 20 a second",
    ]
    for axes in (goodput, vain):
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1\nload 2", "2\nload 2"]
    assert len(made.records["asked"]) == 3
