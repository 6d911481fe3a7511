"""What is counted of edges that fail, and of unequal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.studies.edges import failing, unequal
from benchmarks.studies.edges.failing import HARMS, until_the_other_s
from benchmarks.studies.edges.report import Tried, accuracy_in_time, report

if TYPE_CHECKING:
    from benchmarks.testbed.edge.harmed_server import Harm

BEST = (60, 30, 10)


def _round(harm: Harm, *asked: tuple[float, str | None, float]) -> list[failing.Asked]:
    return [failing.Asked(harm, 0, "a", *one[:2], "exit2", one[2]) for one in asked]


def test_the_other_edge_answers_after_the_harm() -> None:
    """Neither what it answered before counts, nor what the device or the harmed edge answers."""
    of_round = _round(
        "frozen",
        (-0.01, "b", 0.01),
        (0.02, "a", 0.01),
        (0.03, None, 0.05),
        (0.04, "b", 0.01),
        (0.05, "b", 0.01),
    )
    assert until_the_other_s(of_round) == 0.04
    assert until_the_other_s(of_round[:3]) is None


def test_a_report_has_a_row_for_each_fault_and_each_way() -> None:
    """Late answers and those of the device are counted; the best split is named."""
    rounds = [_round(harm, (-0.1, "a", 0.01), (0.2, None, 0.06), (0.3, "b", 0.01)) for harm in HARMS]
    planned = [unequal.Asked(None, 1, 0, "speed-1", 0.9), unequal.Asked(None, 1, 0, None, 0.0)]
    best = [unequal.Asked(BEST, 1, 0, "speed-0.5", 0.9), unequal.Asked(BEST, 1, 0, "speed-1", 0.9)]
    made = report(rounds, 3, planned, best, [Tried(BEST, 0.9)])
    failing_rows, unequal_rows = (table.rows for table in made.tables)
    assert [row[0] for row in failing_rows] == list(HARMS)
    assert list(failing_rows[0][1:]) == ["3", "100%", "1", "60.0", "1", "300.0", "300.0"]
    assert [row[2] for row in unequal_rows] == ["45.0%", "90.0%"]
    assert list(unequal_rows[1][3:]) == ["50%", "50%", "0%"]
    assert "50.0% behind the best of 1 static splits, 60 : 30 : 10" in made.facts[0]
    assert accuracy_in_time(planned) == pytest.approx(0.45)
    assert len(made.records["failing"]) == 3 * len(HARMS)
