"""From measurements to the figures that are asked for."""

import numpy as np
import pytest

from benchmarks.studies.static.measure import (
    CALIBRATION_REQUESTS,
    LinkResult,
    Prediction,
    plans_to_measure,
)
from benchmarks.studies.static.regret import MeasuredPlan
from benchmarks.studies.static.summary import edge_only_of, summarise
from benchmarks.testbed.rig import KnownLink
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

ACCURACY = {("raw", "float32"): 0.9, ("raw", "uint8"): 0.9, ("jpeg", "uint8"): 0.88}


@pytest.fixture
def costs() -> CostTable:
    """One exit of four layers whose cuts shrink, under several codecs."""
    points = np.arange(5.0)
    exit_ = ExitCosts(
        "exit1",
        ACCURACY | {("jpeg", "float32"): 0.88},
        head_s=points * 1e-3,
        tail_s=(4 - points) * 1e-1,
        activation_codecs={
            "float32": CodecCosts(4000 - 900 * points),
            "uint8": CodecCosts(1000 - 200 * points, lossless=False),
        },
    )
    inputs = {"raw": CodecCosts(3000.0), "jpeg": CodecCosts(300.0, 1e-3, lossless=False)}
    return build_cost_table(NetworkCosts((exit_,), inputs))


def test_every_kind_of_plan_is_measured(costs: CostTable) -> None:
    """Device-only, edge-only under every codec, and inner cuts; nothing that the table does not hold."""
    plans = plans_to_measure(costs, (50e3, 10e6), 0.002)
    assert Plan("exit1", 0) in plans
    assert {Plan("exit1", 4), Plan("exit1", 4, "jpeg")} <= set(plans)
    assert any(0 < plan.stop < 4 for plan in plans)
    assert len(plans) == len(set(plans))
    assert set(plans) <= set(costs.plans)


def test_errors_before_and_after_calibration_are_told_apart(costs: CostTable) -> None:
    """The first request of each requirement is fresh; those after the twentieth are calibrated."""
    plan = Plan("exit1", 0)
    predictions = tuple(
        Prediction(1e6, 0.1, number, plan, 0.5 if number < CALIBRATION_REQUESTS else 0.38, 0.4)
        for number in range(CALIBRATION_REQUESTS + 5)
    )
    result = LinkResult(
        1e6,
        KnownLink(Link(0.002, 1e6, 1e6), costs, "http", (0.0, 0.0)),
        predictions,
        (MeasuredPlan(1e6, plan, 0.9, (0.4, 0.41)), MeasuredPlan(1e6, Plan("exit1", 4), 0.9, (0.05, 0.05))),
    )
    summary = summarise([result], [0.1])
    assert summary.fresh_error == pytest.approx(0.25)
    assert summary.calibrated_error == pytest.approx(0.05)
    assert summary.single_error == pytest.approx(0.05)
    assert summary.plans == 2
    assert summary.mean_regret == 1.0
    assert [measured.plan for measured in edge_only_of([result], "exit1", 4)] == [Plan("exit1", 4)]
