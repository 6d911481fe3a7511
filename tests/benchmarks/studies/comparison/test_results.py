"""Outcomes, their CSV files, and the report that opens from disk."""

import csv
from dataclasses import replace
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from benchmarks.studies.comparison import report
from benchmarks.studies.comparison.dynamic import Step, run_traces
from benchmarks.studies.comparison.limit import LimitRow, Parts, limit_s
from benchmarks.studies.comparison.load import LoadRow
from benchmarks.studies.comparison.results import Results, write_csv
from benchmarks.studies.comparison.static_grid import Outcome, Reply
from benchmarks.studies.comparison.tables import tables, verdict
from edgent.planning.cost_table import build_cost_table
from edgent.planning.costs import CodecCosts, ExitCosts
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from benchmarks.testbed.rig import Rig

PLAN, DEEPER = Plan("exit1", 0), Plan("exit2", 3)


@pytest.fixture
def results() -> Results:
    """A run of two methods on one link."""
    return Results(
        "tiny",
        "10x slower",
        "a machine",
        (
            Outcome(1e6, 0.1, "device-only", PLAN, (Reply(PLAN, 0.05, 0.8), Reply(PLAN, 0.15, 0.8))),
            Outcome(1e6, 0.1, "ours", DEEPER, (Reply(PLAN, 0.05, 0.8), Reply(DEEPER, 0.06, 0.9))),
            Outcome(1e6, 0.1, "paper's Edgent", None, ()),
        ),
        (Step("t", "ours", 0.0, PLAN, 0.05, 0.1, 0.8), Step("t", "ours", 0.05, PLAN, 0.2, 0.1, 0.8)),
        (LimitRow(1e6, "edge-only raw", "grpc", Parts(1e-3, 1e-4, 20e-3, 1e-3, 2e-3, 1e-3, 5e-4)),),
        (LoadRow(4, 1, 200.0, 0.02, 0.05, 0.0, 0, PLAN, 0.1, 0.09),),
        {"exit1": (1, 5)},
    )


def test_late_answers_count_nothing(results: Results) -> None:
    """And a method without a plan is always late."""
    device_only, ours, nothing = results.outcomes
    assert (device_only.late_share, device_only.accuracy_in_time) == (0.5, 0.4)
    assert (ours.late_share, ours.accuracy_in_time) == (0.0, pytest.approx(0.85))
    assert (nothing.median_s, nothing.late_share, nothing.accuracy_in_time) == (None, 1.0, 0.0)


def test_the_ratio_to_the_limit_is_that_of_the_plan_that_answered_most_often(results: Results) -> None:
    """Replies by another plan would be held against a limit that is not theirs."""
    replies = (Reply(PLAN, 0.05, 0.8), Reply(PLAN, 0.07, 0.8), Reply(DEEPER, 0.01, 0.9))
    outcome = replace(results.outcomes[1], replies=replies, limit_s=0.04)
    assert (outcome.usually_by, outcome.ratio) == (PLAN, pytest.approx(0.06 / 0.04))
    assert results.outcomes[2].ratio is None


def test_the_reward_of_a_late_step_is_nothing(results: Results) -> None:
    """Otherwise it is the paper's."""
    in_time, late = results.steps
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
    candidates = build_cost_table([costs], {"raw": CodecCosts(1000.0, 1e-3, 1e-3)})
    known = [candidates.slowed(1.5), candidates]  # the machine was slower when it was profiled first
    assert limit_s(known, Plan("exit1", 1), 1e6, 5e-4) == pytest.approx(8 * 4264e-6 + 4e-3 + 5e-4)
    assert limit_s(known, Plan("exit1", 0), 1e6, 5e-4) == pytest.approx(9e-3)


def test_every_request_is_in_the_csv_files(results: Results, tmp_path: Path) -> None:
    """One line each, under headings."""
    files = write_csv(results, tmp_path)
    lines = {}
    for file in files:
        with file.open(newline="", encoding="utf-8") as text:
            lines[file.name] = list(csv.DictReader(text))
    assert [row["latency_ms"] for row in lines["comparison-static.csv"]] == ["50.0", "150.0", "50.0", "60.0"]
    ours = [
        (row["plan"], row["answered_by"]) for row in lines["comparison-static.csv"] if row["method"] == "ours"
    ]
    assert ours == [(str(DEEPER), str(PLAN)), (str(DEEPER), str(DEEPER))]
    assert [row["in_time"] for row in lines["comparison-traces.csv"]] == ["True", "False"]
    assert lines["comparison-limit.csv"][0]["payload_ms"] == "20.0"
    assert lines["comparison-load.csv"][0]["observer_plan"] == "exit1:p0"


def test_the_page_holds_every_table_and_nothing_from_elsewhere(results: Results) -> None:
    """It opens from disk, without a network."""
    page = report.page(results, {})
    for title in tables(results):
        assert title in page
    assert "http" not in page
    assert "paper&#x27;s Edgent" in page


def test_the_verdict_names_where_another_method_is_ahead(results: Results) -> None:
    """It counts cells, and says which lead is the largest."""
    assert "none of 1 cells" in verdict(results)
    ahead = Outcome(1e6, 0.1, "edge-only raw", PLAN, (Reply(PLAN, 0.05, 0.95),))
    said = verdict(replace(results, outcomes=(*results.outcomes, ahead)))
    assert "1 of 1 cells" in said
    assert "10.0% at most (edge-only raw at 1000 kbps within 100 ms)" in said


def test_without_recorded_links_there_is_nothing_to_replay() -> None:
    """`make data` fetches images and no traces: the comparison leaves them out, and goes on."""
    assert run_traces(cast("Rig", None), [], 0.02, 0.2, 40.0, lambda _what, _share: None) == []
