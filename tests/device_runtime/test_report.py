"""The tables of a device's answers."""

from dataclasses import replace

import numpy as np

from device_runtime.answer import Answer
from device_runtime.report import LEAST_FIRST, Row, answer_table, closing_lines, plan_table
from device_runtime.timeline import Timeline
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

WANTED = Plan.parse("exit2:p0+early")
STAYS = Answer("1", 1, np.array([0.0, 1.0]), WANTED, WANTED, 0.01, 0.1, Timeline({}, 0.0))
LEAVES = replace(STAYS, plan=Plan("exit1", 0), left_early=True)


def _column(rows: list[Row], heading: str, *, by_plan: bool) -> list[str] | None:
    table = (plan_table if by_plan else answer_table)("title", rows)
    return next((list(map(str, one.cells)) for one in table.columns if one.header == heading), None)


def test_where_an_input_left_early_is_told() -> None:
    """In a column of its own, which is there only where some did."""
    rows = [Row("a", None, STAYS), Row("b", None, LEAVES)]
    assert _column(rows, "left at", by_plan=False) == ["", "exit1"]
    assert _column(rows[:1], "left at", by_plan=False) is None
    assert _column([*rows, rows[1]], "left early", by_plan=True) == ["exit1 2"]
    assert _column(rows[:1], "left early", by_plan=True) is None


def test_columns_to_do_without_are_there() -> None:
    """Of one table or the other; none is misspelt."""
    tables = (answer_table("", [Row("a", None, STAYS)]), plan_table("", [Row("a", None, STAYS)]))
    assert set(LEAST_FIRST) <= {str(column.header) for table in tables for column in table.columns}


def test_what_all_answers_come_to() -> None:
    """Right ones, mean and worst latency, who left early, and what was done in place of what was wanted."""
    late = replace(STAYS, latency_s=0.25, plan=Plan("exit1", 0))
    rows = [Row("a", "1", STAYS), Row("b", "0", LEAVES), Row("c", "1", late)]
    assert closing_lines(rows) == [
        "accuracy 0.6667: 2 of 3 right",
        "latency 90.0 ms in the mean, 250 ms at worst: 2 of 3 in time",
        "1 of 3 left early: exit1 1",
        "1 of 3 by another plan than was wanted: exit1:p0 in place of exit2:p0+early 1 time",
    ]
    assert closing_lines([Row("a", None, STAYS)]) == [
        "latency 10.0 ms in the mean, 10.0 ms at worst: 1 of 1 in time"
    ]


def test_slow_decisions_are_told() -> None:
    """A policy of another package may take long, and the time that it takes is in no stage."""
    slow = replace(STAYS, latency_s=2.01, decided_s=2.0)
    assert closing_lines([Row("a", None, slow)])[1:] == [
        "plans were chosen in 2,000 ms in the mean, which is in no column"
    ]
    quick = replace(STAYS, decided_s=0.0002)
    assert len(closing_lines([Row("a", None, quick)])) == 1


def test_what_takes_little_keeps_its_digits() -> None:
    """A tenth of a millisecond is not 0.0, a hundredth not 0.00, and nothing is 0."""
    quick = replace(STAYS, latency_s=4.2e-5, timeline=Timeline({Step.ENCODE_UP: 4e-6}, 0.0))
    rows = [Row("a", None, quick)]
    assert _column(rows, "total ms", by_plan=False) == _column(rows, "p50 ms", by_plan=True) == ["0.042"]
    assert _column(rows, "codec", by_plan=True) == ["0.004"]
    assert _column(rows, "edge", by_plan=True) == ["0"]
    assert closing_lines(rows) == ["latency 0.042 ms in the mean, 0.042 ms at worst: 1 of 1 in time"]


def test_several_edges_are_told_apart() -> None:
    """In a column and in a closing line, which are there only where more than one answered."""
    rows = [Row("a", None, replace(STAYS, edge=edge)) for edge in ("hall", "cellar", "hall")]
    assert _column(rows, "by", by_plan=False) == ["hall", "cellar", "hall"]
    assert "by edge: hall 2, cellar 1" in closing_lines(rows)
    assert _column(rows[:1], "by", by_plan=False) is None
    assert len(closing_lines(rows[:1])) == 1


def test_several_endpoints_are_told_apart() -> None:
    """A head's own and the pipeline's, where more than one took part."""
    rows = [
        Row("a", None, replace(STAYS, endpoint=name)) for name in ("lenet", "lenet-exit2-p3", "lenet", None)
    ]
    assert "by endpoint: lenet 2, lenet-exit2-p3 1" in closing_lines(rows)
    assert len(closing_lines(rows[:1])) == 1
