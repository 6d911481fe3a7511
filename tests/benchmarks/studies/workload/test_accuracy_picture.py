"""What the picture of accuracies draws, and what it says that it leaves out."""

from dataclasses import replace

import pytest

from benchmarks.studies.workload.accuracy_picture import accuracy_picture
from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.cells import Cell, cells_of


@pytest.fixture
def cell(measured: Measured) -> Cell:
    """On a near link, within 100 ms."""
    (cell,) = cells_of([measured])
    return cell


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_a_legend_fits_whatever_the_number_of_panels(cell: Cell, panels: int) -> None:
    """Of requirements."""
    cells = [replace(cell, requirement_s=each) for each in (0.05, 0.1, 0.2, 0.5)[:panels]]
    figure = accuracy_picture(cells).figure
    (legend,) = figure.legends
    figure.draw_without_rendering()
    box = legend.get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1


def test_links_and_requirements_that_are_left_out_are_said(cell: Cell) -> None:
    """A far link and a requirement without a panel; where all are drawn, nothing is said of others."""
    far = replace(cell, condition=replace(cell.condition, round_trip_s=0.04))
    note = accuracy_picture([cell, far, replace(cell, requirement_s=0.3)]).note
    assert note.startswith("1 of 3 cells is drawn: links that are as quick down as up")
    assert "within 100 ms. The other links" in note
    whole = accuracy_picture([cell]).note
    assert whole.startswith("1 of 1 cell is drawn. Two methods")
    assert "other links" not in whole


def test_methods_that_are_left_out_are_held_against_what_is_drawn(cell: Cell) -> None:
    """As good as the deepest exit in time they are not ahead of it; more accurate ones are counted."""
    assert "in none of 1 cell one of them is ahead of “deepest local exit”." in accuracy_picture([cell]).note
    quick = replace(cell.outcomes["device-only"], answers=cell.ours.answers)
    ahead = replace(cell, outcomes={**cell.outcomes, "device-only": quick})
    assert "in 1 of 1 cell one of them is ahead of “deepest local exit”." in accuracy_picture([ahead]).note


def test_every_method_of_the_legend_has_a_line(cell: Cell) -> None:
    """In every panel."""
    figure = accuracy_picture([cell, replace(cell, requirement_s=0.05)]).figure
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert len(names) == 7
    for axes in figure.axes:
        assert [line.get_label() for line in axes.get_lines()] == names
