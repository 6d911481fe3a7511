"""What a run of made-up measurements comes to."""

from dataclasses import replace

import pytest

from benchmarks.studies.workload.answered import Measured, Subject
from benchmarks.studies.workload.cells import Cell, cells_of
from benchmarks.studies.workload.conditions import conditions
from benchmarks.studies.workload.equal_accuracy import equal_accuracy
from benchmarks.studies.workload.kinds import FEATURES
from benchmarks.studies.workload.methods import AGAIN, OURS, SMALL, STOCK
from benchmarks.studies.workload.tables import tables
from benchmarks.studies.workload.verdict import facts, unusable
from tests.benchmarks.studies.workload.conftest import OWN, answered

KINDS = {"exit6:p24-p45:p24-32ch:float32": FEATURES}


@pytest.fixture
def cell(measured: Measured) -> Cell:
    """The only one."""
    (only,) = cells_of([measured])
    return only


def test_the_best_other_is_neither_ours_nor_the_control(cell: Cell) -> None:
    """The small network is in time, the edge for one of two photos, and a method without a plan never."""
    assert cell.is_possible
    assert cell.best_other.method == "small network on the device"
    assert cell.outcomes["edge-only, best codec"].accuracy_in_time == pytest.approx(0.44)
    assert cell.outcomes["Neurosurgeon"].late_share == 1.0


def test_of_several_plans_the_best_counts(measured: Measured) -> None:
    """Whatever their order."""
    others = {**measured.candidates, "deepest local exit": {0.1: [Subject("exit6:p0"), Subject("fast")]}}
    answers = {**measured.answers, Subject("fast"): [answered(0.01, 0.5, "fast")]}
    (cell,) = cells_of([replace(measured, candidates=others, answers=answers)])
    assert cell.outcomes["deepest local exit"].subject == Subject("fast")


def test_what_a_run_comes_to(measured: Measured, cell: Cell) -> None:
    """In sentences with the figures that are asked for."""
    said = facts([measured], [cell], KINDS)
    assert said[0].startswith(
        "On the mean of 1 cells in which something is in time, accuracy in time is 90.0% for ours, 80.0% for "
        "the best other method (small network on the device), and 80.0% for the best of all others"
    )
    assert "(44.0% without the small network" in said[0]
    assert said[1] == "In none of 1 cells ours is behind another method."
    assert said[2] == "In none of 1 cells ours is behind a method that runs the same network."
    assert "in 1 of 1 cells (100%)" in said[3]
    assert said[4] == "Of 2 requests of ours in these cells 0 were late (0.0%)."
    assert "takes 1.010 times as long as before in the median of 1 link, 1.010 to 1.010 on single" in said[5]
    assert said[6].endswith("the time of a fixed computation differed from the usual by +0.0% to +0.0%.")
    assert unusable([measured]) == []


def test_where_ours_is_behind_is_told(measured: Measured) -> None:
    """With the method, the link and the requirement."""
    better = {**measured.answers, Subject(SMALL): [answered(0.05, 0.95, SMALL)]}
    said = facts([measured], cells_of([replace(measured, answers=better)]), KINDS)
    assert said[1] == (
        "In 1 of 1 cells ours is more than 0.5 points behind another method; at most by 5.0 points (small "
        "network on the device, 20x, 250 kbps, 2 ms, within 100 ms)."
    )


def test_few_answers_rank_nothing(measured: Measured, cell: Cell) -> None:
    """They only show that everything runs; methods stand as they are listed."""
    said = facts([measured], [cell], KINDS, ranks=False)
    assert said[0].startswith("2 answers of ours show that everything runs; they are too few")
    assert len(said) == 4
    (methods,) = tables([cell], [], ranks=False)
    assert [row[0] for row in methods.rows] == [name for name in cell.outcomes if name != AGAIN]


def test_the_control_is_told_of_single_links(measured: Measured) -> None:
    """Beside the median."""
    other = {**measured.answers, Subject(AGAIN): [answered(0.194, 0.92)]}
    said = facts([measured, replace(measured, answers=other)], cells_of([measured]), KINDS)
    assert "takes 0.990 times as long as before in the median of 2 links, 0.970 to 1.010" in said[-2]


def test_a_run_that_cannot_be_used_says_so(measured: Measured) -> None:
    """First of all."""
    slower = {**measured.answers, Subject(AGAIN): [answered(0.21, 0.92)]}
    (control,) = unusable([replace(measured, answers=slower)])
    assert "the control differs by more than 2%" in control
    others = [replace(measured, condition=one) for one in conditions()[:3]]
    (speed,) = unusable([measured, *others[:2], replace(others[2], speed_s=0.0012)])
    assert "the machine's speed differed by more than 10% on 1 of 4 links" in speed


def test_tables_of_what_was_measured(measured: Measured) -> None:
    """Ours comes first, and is compared with itself without a part where that was run."""
    without = Subject("without windows", 0.1)
    candidates = {**measured.candidates, "without windows": {0.1: [without]}}
    candidates["ours as it was before"] = {0.1: [without]}
    answers = {**measured.answers, without: [answered(0.05, 0.85)]}
    cells = cells_of([replace(measured, candidates=candidates, answers=answers)])
    methods, links, parts, level = tables(cells, [])
    assert methods.rows[0][:3] == (OURS, methods.rows[0][1], "90.0%")
    (never_asked,) = [row for row in methods.rows if row[0] == "Neurosurgeon"]
    assert set(never_asked[2:]) == {"—"}
    assert links.rows[0][-1] == f"`{measured.answers[OWN][0].wanted}`"
    assert [row[0] for row in parts.rows] == [OURS, "without windows", "ours as it was before"]
    assert parts.rows[1][1:3] == ("85.0%", "-5.0")
    assert level.rows == []


def test_what_is_level_is_compared_by_bytes_and_seconds(measured: Measured) -> None:
    """A small network that is as accurate as ours, to half a point, sends nothing."""
    small = {**measured.answers, Subject(SMALL): [answered(0.05, 0.896, SMALL)]}
    (row,) = equal_accuracy(cells_of([replace(measured, answers=small)]), [SMALL, STOCK]).rows
    assert row == (SMALL, "1", "100", "25", "50", "100", "30", "60")
