"""What the reports say of made-up measurements."""

from collections import Counter

import pytest

from benchmarks.studies.windows import equality_report, plans_report, serving_report
from benchmarks.studies.windows.__main__ import together
from benchmarks.studies.windows.cold import Cold
from benchmarks.studies.windows.equality import Compared
from benchmarks.studies.windows.fusion import Fused
from benchmarks.studies.windows.memory import Memory
from benchmarks.studies.windows.plan_parts import PlanParts
from benchmarks.studies.windows.plans import Chosen
from benchmarks.studies.windows.serving import Served, Workers
from benchmarks.studies.windows.throughput import Pair
from benchmarks.testbed.device.reply import Reply
from edgent.planning.latency_parts import LatencyParts
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

COMPARED = [
    Compared("lenet", "HTTP", "own", "exit1:p0-p3", True, True, 0.0, 8.0),
    Compared("flowers", "HTTP", "pipeline", "exit1:p2-p3", True, True, 4e-6, 8.0),
    Compared("flowers", "HTTP", "pipeline", "exit1:p2-p4", False, False, 2e-5, 5.0),
]
FUSED = [Fused("flowers", "extended", 60, 60, 0.0, 0.014)]
MB = 1_000_000
SERVED = Served(
    [Workers("when ready", Memory(200 * MB, 150 * MB, 100 * MB), Memory(280 * MB, 200 * MB, 150 * MB))],
    [Cold("exit1:p2-p3", 0.05, (0.001, 0.002), (0.003,), 290 * MB)],
    [0.002],
    [Pair(100, 95, 0.1, 0.11, 0), Pair(100, 80, 0.1, 0.12, 0), Pair(100, 120, 0.1, 0.09, 0)],
)
PARTS = PlanParts(0.05, 0.004, 0.003, 0.02, 0.001)
INNER = Chosen(
    "input_stays", 20e6, 0.08, Plan.parse("exit6:p9-p45"), 0.06, (0.07, 0.064, 0.06), (PARTS, PARTS), (1.2,)
)
LOCAL = Chosen("edge_seconds", 5e6, 0.1, Plan.parse("exit6:p0"), 0.1, (0.1,), (PARTS, PARTS), (1.0,))


def test_equality_is_counted_by_network_endpoint_and_interface() -> None:
    """The largest difference is also told relative to the outputs."""
    report = equality_report.report(COMPARED, FUSED)
    rows = report.tables[0].rows
    assert [row[:4] for row in rows] == [
        ("lenet", "the head's own", "HTTP", "1"),
        ("flowers", "the pipeline's", "HTTP", "2"),
    ]
    assert rows[1][4:] == ("1", "1", "0", "2.0e-05", "4.0e-06")
    assert report.facts[0].startswith("3 windows asked of endpoints: 2 are exact, 2 give")
    assert "windows-equality.png" in report.pictures


def test_serving_is_held_against_its_goals() -> None:
    """Memory as a ratio of residents, at every moment; throughput as the median of pairs."""
    goals = serving_report.report(SERVED).tables[0].rows
    assert [row[1] for row in goals] == ["1.40, at most 1.45 on the way", "50 ms", "0.95"]


def test_plans_are_off_by_what_was_predicted_over_the_median() -> None:
    """Choices that need no window are not counted among the inner ones."""
    assert INNER.error == pytest.approx(-0.0625)
    assert INNER.calibrated_error == pytest.approx(0.2)
    report = plans_report.report([INNER, LOCAL])
    assert "1 of 2 choices are inner windows, of which 1 take what" in report.facts[0]
    assert "1 of 2 predict within" in report.facts[0]
    assert [row[3] for row in report.tables[0].rows] == ["`exit6:p9-p45`", "`exit6:p0`"]
    assert report.tables[1].rows[0][2:] == (
        "50.0, 50.0",
        "4.0, 4.0",
        "3.0, 3.0",
        "20.0, 20.0",
        "1.0, 1.0",
    )


def test_parts_of_a_plan_add_up() -> None:
    """What the table predicts, and what is measured of requests, whatever the parts."""
    seconds = {step: 0.001 * (step + 1) for step in Step}
    predicted = PlanParts.predicted(LatencyParts(0.002, seconds))
    assert sum(vars(predicted).values()) == pytest.approx(0.002 + sum(seconds.values()))
    plan = Plan.parse("exit6:p9-p45")
    stage_s = {"RUN_BEFORE": 0.03, "ENCODE_UP": 0.004, "RUN_EDGE": 0.005}
    reply = Reply(plan, plan, 0.06, network_s=0.02, edge_s=0.005, stage_s=stage_s)
    measured = PlanParts.measured([reply])
    assert sum(vars(measured).values()) == pytest.approx(0.06)
    assert measured.rest_s == pytest.approx(0.001)


def test_reports_of_parts_are_one() -> None:
    """Nothing is lost, and nothing has two names."""
    reports = [
        equality_report.report(COMPARED, FUSED),
        serving_report.report(SERVED),
        plans_report.report([INNER]),
    ]
    whole = together(reports)
    assert len(whole.tables) == sum(len(report.tables) for report in reports)
    names = Counter(name for report in reports for name in (*report.pictures, *report.records))
    assert set(names) == {*whole.pictures, *whole.records}
    assert max(names.values()) == 1
