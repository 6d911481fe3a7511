"""Decisions on the grid, against the planner asked each time with exactly what a device knows."""

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces, steady_trace
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.capacity.decision_grid import DecisionGrid
from edgent.capacity.link_cells import LinkCells
from edgent.planning.cost_table import CostTable
from edgent.planning.fallback import DELIVERY_S, fallbacks
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions
from edgent.replay.simulator import situations
from tests.capacity.conftest import Always


def _grid(conditions: Conditions, policy: Always | Hedged, *, is_eager: bool = False) -> DecisionGrid:
    return DecisionGrid(conditions, policy, LinkCells.of([steady_trace(1e6)]), is_eager)


def test_nearly_every_decision_is_the_exact_one(candidates: CostTable) -> None:
    """19 of 20 at least over demo traces and waiting times; where one differs, its accuracy hardly does."""
    conditions = Conditions(candidates, latency_requirement_s=0.03, round_trip_s=0.001, hedged=True)
    traces, policy = demo_traces(count=4, samples=60, seed=2), Hedged()
    links, rng = LinkCells.of(traces), np.random.default_rng(0)
    grid = DecisionGrid(conditions, policy, links)
    same, accuracies = [], []
    for trace, cells in zip(traces, links.of_sample, strict=True):
        told = situations(trace, MovingAverageForecast, conditions)
        for sample, situation in enumerate(told, start=1):
            if sample < 20:  # on the grid a trace has been round before
                continue
            queue_s = float(rng.uniform(0, 0.02))
            link = Link(
                conditions.round_trip_s + queue_s, situation.link.upload_bps, situation.link.download_bps
            )
            exact = policy.decide(candidates, Situation(
                link, conditions.latency_requirement_s, situation.forecast, local_exits=conditions.local_exits
            ))  # fmt: skip
            choice = grid.choice(int(cells[sample]), round(queue_s / grid.queue_step_s))
            same.append(choice.plan == exact.index)
            accuracies.append(candidates.accuracy[choice.plan] - candidates.accuracy[exact.index])
    assert np.mean(same) >= 0.95
    assert abs(np.mean(accuracies)) <= 0.01


def test_a_decision_is_made_once(conditions: Conditions) -> None:
    """And kept for each cell and step."""
    grid = _grid(conditions, Hedged())
    assert grid.choice(0, 3) is grid.choice(0, 3)
    assert grid.queue_step_s == pytest.approx(0.0003)


def test_busy_edges_are_left_alone(conditions: Conditions) -> None:
    """The device's own exit, where waiting leaves no time; and where there is no edge."""
    grid = _grid(conditions, Hedged())
    assert grid.choice(0, 0).is_remote
    assert not grid.choice(0, grid.queue_steps).is_remote
    assert not grid.choice(0, None).is_remote


def test_a_choice_has_the_times_of_its_plan(conditions: Conditions) -> None:
    """Half of the deeper exit here: 4 ms of 8 on the edge, then 20 ms; exit1 stands by from 20 ms on."""
    choice = _grid(Conditions(conditions.table, 0.03, 0.001, hedged=True), Always(Plan("exit2", 1))).choice(
        0, 0
    )
    assert choice.is_remote
    assert choice.compute_s == pytest.approx(0.002)
    assert choice.seconds - choice.before_s == pytest.approx(0.020)
    assert (choice.upload_bits, choice.download_bits) == (8_000, 4_000)
    assert (choice.accuracy, choice.otherwise) == (0.8, 0.5)
    assert choice.budget_s == pytest.approx(0.03)


@pytest.mark.parametrize("hedged", [True, False])
def test_without_a_hedge_nobody_stands_by(conditions: Conditions, edge_only: Always, hedged: bool) -> None:
    """The edge then has all of the requirement; else a whole answer has until the local exit's is given."""
    under = Conditions(conditions.table, 0.03, 0.001, hedged=hedged)
    choice = _grid(under, edge_only).choice(0, 0)
    assert choice.otherwise == (0.5 if hedged else None)
    assert choice.budget_s == pytest.approx(0.03 - hedged * DELIVERY_S)
    eager = _grid(under, edge_only, is_eager=True).choice(0, 0)
    assert (eager.otherwise, eager.budget_s) == (choice.otherwise, choice.budget_s)


def test_nobody_stands_by_who_would_be_late(candidates: CostTable, edge_only: Always) -> None:
    """Within 8 ms no local exit fits."""
    under = Conditions(candidates, 0.008, 0.001, hedged=True)
    assert not fallbacks(under.local_exits, 0.008)
    assert _grid(under, edge_only).choice(0, 0).otherwise is None
