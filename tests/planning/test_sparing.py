"""Plans while an edge is busy: as good as before for whoever asks, and less work for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.sparing import spare_the_edge
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable

LINK = Link(0.002, 1e7, 1e7)


def _exit(name: str, accuracy: float, layers: int) -> ExitCosts:
    """A path whose layers take 2 ms on the edge and 10 ms on the device each."""
    points = np.arange(layers + 1, dtype=np.float64)
    sizes = CodecCosts(np.where(points == layers, 80.0, 400.0))
    return ExitCosts(
        name, {("raw", "float32"): accuracy}, 2e-3 * points, 10e-3 * (layers - points), {"float32": sizes}
    )


@pytest.fixture
def table() -> CostTable:
    """Two exits: 2 layers at 0.7, 4 layers at 0.9."""
    costs = NetworkCosts((_exit("exit1", 0.7, 2), _exit("exit2", 0.9, 4)), {"raw": CodecCosts(3000.0)})
    return build_cost_table(costs, 300.0, 300.0)


def _spared(table: CostTable, plan: str, budget_s: float, **options: np.ndarray) -> Decision:
    k = table.index_of(Plan.parse(plan))
    latency_s = table.latency_s(LINK)
    decision = Decision(table.plans[k], float(latency_s[k]), bool(latency_s[k] <= budget_s), k, "is quick")
    return spare_the_edge(table, decision, (latency_s <= budget_s).astype(np.float64), latency_s, **options)


@pytest.mark.parametrize(
    ("budget_s", "plan"), [(0.1, "exit2:p0"), (0.038, "exit2:p1"), (0.022, "exit2:p3"), (0.013, "exit2:p4")]
)
def test_the_same_exit_in_time_with_the_least_of_the_edge(
    table: CostTable, budget_s: float, plan: str
) -> None:
    """The more time there is, the more the device does itself."""
    spared = _spared(table, "exit2:p4", budget_s)
    assert str(spared.plan) == plan
    assert spared.meets_requirement
    assert table.plans[spared.index] == spared.plan
    assert spared.latency_s <= budget_s


def test_a_plan_that_is_late_or_asks_no_edge_stays(table: CostTable) -> None:
    """There is nothing to spare, or nothing to lose."""
    assert str(_spared(table, "exit2:p4", 0.001).plan) == "exit2:p4"
    assert str(_spared(table, "exit1:p0", 0.1).plan) == "exit1:p0"


def test_only_ready_plans(table: CostTable) -> None:
    """A plan of which no endpoint is ready takes nobody's place."""
    ready = np.array([plan.stop >= 2 for plan in table.plans])
    assert str(_spared(table, "exit2:p4", 0.1, ready=ready).plan) == "exit2:p2"


def test_no_accuracy_is_given_away(table: CostTable) -> None:
    """A less accurate exit that leaves the edge alone is no substitute."""
    ready = np.array([plan.exit == "exit1" or plan.stop == 4 for plan in table.plans])
    assert str(_spared(table, "exit2:p4", 0.1, ready=ready).plan) == "exit2:p4"
