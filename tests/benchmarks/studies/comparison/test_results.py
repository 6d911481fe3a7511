"""Outcomes, what they come down to, and the report's files."""

import csv
from dataclasses import replace
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from benchmarks.studies.comparison.answered import Answered
from benchmarks.studies.comparison.grid import Outcome
from benchmarks.studies.comparison.limit import LimitRow, Parts, limit_s
from benchmarks.studies.comparison.load import LoadRow
from benchmarks.studies.comparison.report import report
from benchmarks.studies.comparison.results import Results
from benchmarks.studies.comparison.tables import limits_table, tables, verdict
from benchmarks.studies.comparison.traces import run_traces
from benchmarks.studies.study import Study
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from benchmarks.testbed.rig import Rig

PLAN, DEEPER = Plan("exit1", 0), Plan("exit2", 3)


def _answered(
    plan: Plan, latency_s: float, accuracy: float, method: str = "ours", wanted: Plan = PLAN
) -> Answered:
    """An answer within a tenth of a second, or not."""
    return Answered("1000 kbps", method, wanted, plan, latency_s, 0.1, accuracy)


@pytest.fixture
def results() -> Results:
    """A run of three methods on one link."""
    device_only = tuple(_answered(PLAN, latency_s, 0.8, "device-only") for latency_s in (0.05, 0.15))
    ours = (_answered(PLAN, 0.05, 0.8, wanted=DEEPER), _answered(DEEPER, 0.06, 0.9, wanted=DEEPER))
    return Results(
        (
            Outcome(1e6, 0.1, "device-only", PLAN, device_only),
            Outcome(1e6, 0.1, "ours", DEEPER, ours),
            Outcome(1e6, 0.1, "paper's Edgent", None, ()),
        ),
        (_answered(PLAN, 0.05, 0.8), _answered(PLAN, 0.2, 0.8)),
        (LimitRow(1e6, "edge-only raw", "grpc", Parts(1e-3, 1e-4, 20e-3, 1e-3, 2e-3, 1e-3, 5e-4)),),
        (LoadRow(4, 1, 200.0, 0.02, 0.05, 0.0, 0, PLAN, 0.1, 0.09),),
        {"exit1": (1, 5), "exit2": (2, 5)},
    )


def test_a_method_may_have_no_limit_on_a_link(results: Results) -> None:
    """It had no plan there, or none over the network."""
    (row,) = results.limits
    shown = limits_table([row, replace(row, rate_bps=1e5, method="ours")])
    assert list(shown.heads) == ["kbps", "edge-only raw", "ours"]
    assert [cells[1:].count("none") for cells in shown.rows] == [1, 1]


def test_late_answers_count_nothing(results: Results) -> None:
    """And a method without a plan is always late."""
    device_only, ours, nothing = results.outcomes
    assert (device_only.late_share, device_only.accuracy_in_time) == (0.5, 0.4)
    assert ours.late_share == 0
    assert ours.accuracy_in_time == pytest.approx(0.85)
    assert (nothing.median_s, nothing.late_share, nothing.accuracy_in_time) == (None, 1.0, 0.0)


def test_the_ratio_to_the_limit_is_that_of_the_plan_that_answered_most_often(results: Results) -> None:
    """Answers by another plan would be held against a limit that is not theirs."""
    answers = (_answered(PLAN, 0.05, 0.8), _answered(PLAN, 0.07, 0.8), _answered(DEEPER, 0.01, 0.9))
    outcome = replace(results.outcomes[1], answers=answers, limit_s=0.04)
    assert outcome.usually_by == PLAN
    assert outcome.ratio == pytest.approx(0.06 / 0.04)
    assert results.outcomes[2].ratio is None


def test_the_reward_of_a_late_answer_is_nothing(results: Results) -> None:
    """Otherwise it is the paper's."""
    in_time, late = results.replayed
    assert in_time.reward == pytest.approx(exp(0.8) + 20)
    assert late.reward == 0


def test_the_limit_is_what_physics_asks(results: Results) -> None:
    """Compute, round trip, payload and its packets; the ratio is above one by what is added."""
    row = results.limits[0]
    assert row.parts.limit_s == pytest.approx(22.1e-3)
    assert row.ratio == pytest.approx(25.6 / 22.1)


def test_the_limit_of_a_plan_is_what_its_frames_take_over_bare_tcp() -> None:
    """1000 and 3000 bytes in one and three packets of 66 bytes more each, at 1 Mbps, and computing."""
    costs = ExitCosts(
        "exit1",
        {("raw", "float32"): 0.8},
        np.array([0.0, 2e-3]),
        np.array([9e-3, 0.0]),
        {"float32": CodecCosts(np.array([0.0, 3000.0]))},
    )
    table = build_cost_table(NetworkCosts((costs,), {"raw": CodecCosts(1000.0, 1e-3, 1e-3)}))
    known = [table.slowed(1.5), table]  # the machine was slower when it was profiled first
    assert limit_s(known, Plan("exit1", 1), 1e6, 5e-4) == pytest.approx(8 * 4264e-6 + 4e-3 + 5e-4)
    assert limit_s(known, Plan("exit1", 0), 1e6, 5e-4) == pytest.approx(9e-3)


def test_every_request_is_in_a_csv_file(results: Results, tmp_path: Path) -> None:
    """One line each, under headings; tables and pictures lie beside them."""
    Study("comparison", tmp_path).write(report(results))
    lines = {}
    for file in tmp_path.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as text:
            lines[file.stem] = list(csv.DictReader(text))
    grid = lines["comparison-static"]
    assert [row["latency_s"] for row in grid] == ["0.05", "0.15", "0.05", "0.06"]
    ours = [(row["wanted"], row["plan"]) for row in grid if row["method"] == "ours"]
    assert ours == [(str(DEEPER), str(PLAN)), (str(DEEPER), str(DEEPER))]
    assert [row["latency_s"] for row in lines["comparison-traces"]] == ["0.05", "0.2"]
    assert lines["comparison-limit"][0]["payload_s"] == "0.02"
    assert lines["comparison-load"][0]["observer_plan"] == "exit1:p0"
    page = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert all(table.title in page for table in tables(results))
    pictures = {file.name for file in tmp_path.glob("*.png")}
    assert all(f"]({name})" in page for name in pictures)
    assert len(pictures) == 6


def test_the_verdict_names_where_another_method_is_ahead(results: Results) -> None:
    """It counts cells, and says which lead is the largest."""
    assert "none of 1 cells" in verdict(results)
    ahead = Outcome(1e6, 0.1, "edge-only raw", PLAN, (_answered(PLAN, 0.05, 0.95),))
    said = verdict(replace(results, outcomes=(*results.outcomes, ahead)))
    assert "1 of 1 cells" in said
    assert "10.0% at most (edge-only raw at 1000 kbps within 100 ms)" in said


def test_without_recorded_links_there_is_nothing_to_replay() -> None:
    """`make data` fetches images and no traces: the comparison leaves them out, and goes on."""
    assert not [*run_traces(cast("Rig", None), [], 0.2, 40.0, lambda _what, _share: None)]
