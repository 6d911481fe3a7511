"""By how much ours is ahead, from made-up cells."""

from dataclasses import replace

import pytest

from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.cells import Cell, cells_of
from benchmarks.studies.workload.conditions import conditions
from benchmarks.studies.workload.lead import lead


@pytest.fixture
def cells(measured: Measured) -> list[Cell]:
    """One of each of 16 links: ours has 90.0 % everywhere."""
    return [cells_of([replace(measured, condition=one)])[0] for one in conditions()[:16]]


def test_a_lead_that_is_the_same_everywhere_is_sure(cells: list[Cell]) -> None:
    """Whatever links are drawn."""
    assert lead(cells, lambda _: 0.88) == "+2.0 points (95%: +2.0 to +2.0)"


def test_a_lead_on_few_links_is_not(cells: list[Cell]) -> None:
    """Behind by two points on three links in four, ahead by eight on the fourth."""
    far = {cell.condition for cell in cells[::4]}
    said = lead(cells, lambda cell: 0.82 if cell.condition in far else 0.92)
    assert said.startswith("+0.5 points (95%: -1.")
    assert said.endswith(")")
    assert " to +" in said


def test_one_link_tells_nothing_of_others(cells: list[Cell]) -> None:
    """No interval is made up."""
    assert lead(cells[:1] * 3, lambda _: 0.88) == "+2.0 points"
