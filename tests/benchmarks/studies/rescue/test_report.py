"""What was answered, as rows."""

from __future__ import annotations

from benchmarks.studies.rescue.dying_edge import Death
from benchmarks.studies.rescue.measure import Answered, Cell
from benchmarks.studies.rescue.report import report
from benchmarks.studies.rescue.splitting import Split

CELL = Cell(0.1, "input sent")


def answered(method: str, exit_name: str, latency_s: float, *, is_right: bool) -> Answered:
    """One answer to a photo whose link was reset."""
    death = Death(0.01, "reset")
    return Answered(CELL, method, 0, death, "exit6:p45", exit_name, 0, (exit_name,), latency_s, is_right)  # type: ignore[arg-type]


def test_each_device_has_a_row_for_each_death() -> None:
    """Late answers count as wrong in the accuracy in time."""
    answers = [
        answered("anytime", "exit2", 0.09, is_right=True),
        answered("anytime", "exit1", 0.11, is_right=True),
    ]
    made = report(answers, [Split("tiny", "exit1", 0.01, 0.011, 0.012)])
    deaths, splitting = made.tables
    assert [row[3] for row in deaths.rows] == ["anytime"]
    assert deaths.rows[0][4:] == ["2", "50.0%", "+10.0", "0.500", "1.000", "exit1 1, exit2 1", "1.0"]
    assert splitting.rows == [["tiny", "exit1", "10.000", "11.000", "+10.0%", "12.000"]]
