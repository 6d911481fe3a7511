"""The report of a fault under which nothing was answered: that is what it is for."""

from __future__ import annotations

from collections import Counter

from benchmarks.studies.faults.hedge_cost import HedgeCost
from benchmarks.studies.faults.measure import Outcome
from benchmarks.studies.faults.report import Row, failures, report

FLOOR = Outcome([0.049, 0.0495], [-1e-3, -5e-4])
COST = HedgeCost(1.01, 0.01, 1.02, 0, 100)
SILENT = Row("laptop", "sent", "the worker dies", Outcome(raised=3, reasons=Counter({"raised OSError": 3})))
GOOD = Row("laptop", "sent", "a late answer", Outcome([0.04], [-0.01], by_edge=1, back_after_s=0.5))


def test_a_fault_without_an_answer_is_a_row() -> None:
    """It has no times, and the facts are those of the other rows."""
    made = report([SILENT, GOOD], FLOOR, COST, 0.05)
    silent, good = made.tables[0].rows
    assert silent[3:11] == ["3", "0%", "0", "0", "none", "none", "none", "never"]
    assert silent[11] == "raised OSError 3"
    assert good[7:11] == ["40.00", "40.00", "-10.00", "0.50"]
    assert "0 answers came after it; the latest came -10.00 ms from it." in made.facts[1]


def test_a_run_without_an_answer_is_reported() -> None:
    """All of its rows are such ones."""
    assert (
        "0 answers came after it; none came. The device alone" in report([SILENT], FLOOR, COST, 0.05).facts[1]
    )


def test_it_breaks_the_promise() -> None:
    """By requests without an answer, and by the return that did not come."""
    assert failures([SILENT, GOOD], FLOOR) == [
        "laptop, sent, the worker dies: 3 requests without an answer",
        "laptop, sent, the worker dies: the device did not return to the edge",
    ]
