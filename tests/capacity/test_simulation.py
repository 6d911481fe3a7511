"""Whole simulations: every request has one fate, textbooks are right, and more workers do no harm."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.generator import steady_trace
from edgent.capacity.crowd import Crowd, Span
from edgent.capacity.figures import Figures, figures_of
from edgent.capacity.outcome import EdgeFate, Fate, Outcome
from edgent.capacity.scenario import ALONE, IDLE, Edges, Scenario
from edgent.capacity.simulation import AROUND_S, grid_of, simulate, simulate_crowd
from edgent.planning.plan import Plan
from edgent.planning.policies.expected import ExpectedReward
from tests.capacity.conftest import Always, MakeScenario
from tests.capacity.queueing_theory import crommelin_wait_s

_BUSY_S = 0.004 + AROUND_S


def _count(outcome: Outcome, fate: Fate | EdgeFate) -> int:
    return int(((outcome.fate if isinstance(fate, Fate) else outcome.on_edge) == fate).sum())


@settings(max_examples=25, deadline=None)
@given(
    devices=st.integers(1, 2_000),
    edges=st.integers(0, 3),
    workers=st.integers(1, 3),
    longest_queue=st.integers(0, 20),
    seed=st.integers(0, 99),
    hedged=st.booleans(),
    keeps_deadline=st.booleans(),
)
def test_every_request_has_one_fate(
    scenario: MakeScenario,
    devices: int,
    edges: int,
    workers: int,
    longest_queue: int,
    seed: int,
    hedged: bool,
    keeps_deadline: bool,
) -> None:
    """Here and on the edge, and they fit each other; no worker is busier than the time that there is."""
    made = scenario(
        devices, hedged=hedged, keeps_deadline=keeps_deadline, longest_queue=longest_queue, seed=seed
    )
    outcome = simulate(made, Edges(edges, workers), span=Span(least_s=1.0, least_requests=300))
    count = outcome.fate.size
    assert (
        sum(_count(outcome, fate) for fate in Fate)
        == sum(_count(outcome, fate) for fate in EdgeFate)
        == count
    )
    planned_alone = outcome.on_edge == EdgeFate.NOT_ASKED
    assert (planned_alone == ~made.conditions.table.remote[outcome.plan]).all()
    assert (outcome.on_edge[outcome.fate == Fate.EDGE] == EdgeFate.COMPUTED).all()
    assert planned_alone[outcome.fate == Fate.DEVICE].all()
    assert not planned_alone[outcome.fate == Fate.STOOD_BY].any()
    assert (outcome.latency_s[outcome.in_time] <= made.conditions.latency_requirement_s + 1e-12).all()
    assert np.isinf(outcome.latency_s[~outcome.in_time]).all()
    assert ((outcome.accuracy > 0) == outcome.in_time).all()
    said_no = (outcome.on_edge == EdgeFate.REFUSED) | (outcome.on_edge == EdgeFate.EXPIRED)
    assert hedged or said_no[outcome.fate == Fate.STOOD_BY].all()
    assert not np.isnan(outcome.wait_s[outcome.on_edge >= EdgeFate.EXPIRED]).any()
    assert (outcome.busy_s > 0).sum() == _count(outcome, EdgeFate.COMPUTED)
    if edges == 0:
        assert planned_alone.all()


def test_the_same_seed_gives_the_same_fates(scenario: MakeScenario) -> None:
    """To the bit; another one does not."""
    brief = Span(least_s=2.0, least_requests=1_000)
    one, again, other = (simulate(scenario(800, seed=seed), Edges(1, 2), span=brief) for seed in (3, 3, 4))
    assert one.fate.tolist() == again.fate.tolist()
    assert one.latency_s.tolist() == again.latency_s.tolist()
    assert one.latency_s[:50].tolist() != other.latency_s[:50].tolist()


@pytest.mark.parametrize("workers", [1, 4])
def test_waits_are_those_of_the_textbook(scenario: MakeScenario, edge_only: Always, workers: int) -> None:
    """M/D/c: links that never change and one plan, at 70 %, with nothing refused and nothing left out."""
    rate_hz = 0.7 * workers / _BUSY_S
    made = scenario(
        1_000, bandwidth_bps=1e9, policy=edge_only, rate_hz=rate_hz / 1_000,
        keeps_deadline=False, longest_queue=10_000,
    )  # fmt: skip
    outcome = simulate(made, Edges(1, workers), span=Span(least_s=60.0, least_requests=60_000))
    figures = figures_of(outcome, made, Edges(1, workers))
    assert figures.wait_s == pytest.approx(crommelin_wait_s(rate_hz, _BUSY_S, workers), rel=0.08)
    assert figures.utilisation == pytest.approx(0.7, abs=0.02)


def test_more_workers_do_no_harm(scenario: MakeScenario, short: Span) -> None:
    """More are answered by the edge, and more accurately, from overload to idleness."""
    made = scenario(1_500, bandwidth_bps=1e7)
    grid, all_edges = grid_of(made), [*(Edges(1, workers) for workers in (1, 2, 4, 8, 16)), IDLE]
    rows = [figures_of(simulate(made, edges, grid, short), made, edges) for edges in all_edges]
    for fewer, more in pairwise(rows):
        assert more.edge_share >= fewer.edge_share - 0.01
        assert (more.accuracy or 0) >= (fewer.accuracy or 0) - 0.002
    assert rows[-1].edge_share > rows[0].edge_share + 0.2


def test_an_edge_that_keeps_deadlines_computes_nothing_in_vain(
    scenario: MakeScenario, edge_only: Always, short: Span
) -> None:
    """At twice what it can do it still answers for all of its time; else it works for nobody."""
    kept, ignored = (
        _overloaded(scenario(440, policy=edge_only, keeps_deadline=keeps, hedged=False), 0.0, short)
        for keeps in (True, False)
    )
    for figures in (kept, ignored):
        assert figures.utilisation == pytest.approx(1.0, abs=0.02)
    assert kept.late_share + kept.edge_share == pytest.approx(1.0)
    assert kept.in_vain_share < 0.01
    assert kept.edge_share == pytest.approx(0.5, abs=0.03)
    assert kept.expired_share > 0.4
    assert ignored.in_vain_share > 0.9
    assert ignored.expired_share == 0.0


def test_an_edge_knows_the_way_back(scenario: MakeScenario, edge_only: Always, short: Span) -> None:
    """What would be ready when its device gives up is too late by the way, and is not computed."""
    figures = _overloaded(scenario(440, policy=edge_only, hedged=False), 0.002, short)
    assert figures.in_vain_share < 0.01
    assert figures.edge_share == pytest.approx(0.5, abs=0.03)


def test_devices_ask_the_edge_that_is_less_busy(scenario: MakeScenario, edge_only: Always) -> None:
    """All have the first of two edges for their own; who knows the other one, too, asks it as well."""
    made = scenario(200, bandwidth_bps=1e8, policy=edge_only)
    grid, edges = grid_of(made), Edges(2, 1)
    crowd = Crowd.of(made, edges, grid.links, Span(least_s=10.0, least_requests=2_000))
    crowd = replace(crowd, edge=np.zeros_like(crowd.edge))
    one, both = (simulate_crowd(replace(made, known_edges=known), edges, grid, crowd) for known in (1, 2))
    assert np.nanmean(both.wait_s) < 0.7 * np.nanmean(one.wait_s)
    assert _count(both, Fate.EDGE) >= _count(one, Fate.EDGE)


def test_a_device_may_do_one_request_at_a_time(
    scenario: MakeScenario, edge_only: Always, short: Span
) -> None:
    """A single one that is asked all the time does one behind the other, and nobody waits."""
    made = scenario(1, bandwidth_bps=1e12, policy=edge_only, rate_hz=1_000.0, one_at_a_time=True)
    outcome = simulate(made, Edges(1, 1), span=short)
    each_s = made.conditions.round_trip_s + 0.004 + 1e-3  # until the next one comes, in the mean
    assert _count(outcome, Fate.EDGE) / 10.0 == pytest.approx(1.0 / each_s, rel=0.1)
    assert _count(outcome, Fate.EDGE) + _count(outcome, Fate.SKIPPED) == outcome.fate.size
    assert np.nanmax(outcome.wait_s) < AROUND_S


def _overloaded(made: Scenario, round_trip_s: float, span: Span) -> Figures:
    """One worker, over links that take no time but the round trip."""
    conditions = replace(made.conditions, round_trip_s=round_trip_s)
    made = replace(made, conditions=conditions, traces=(steady_trace(1e12),))
    return figures_of(simulate(made, Edges(1, 1), span=span), made, Edges(1, 1))


def test_devices_leave_a_busy_edge_alone(scenario: MakeScenario, short: Span) -> None:
    """They learn what waiting takes, and most plan without an edge whose queue is always full."""
    waits_s = {}
    for policy in (ExpectedReward(), Always(Plan("exit2", 2))):
        made = scenario(2_000, bandwidth_bps=1e7, policy=policy, keeps_deadline=False)
        figures = figures_of(simulate(made, Edges(1, 1), span=short), made, Edges(1, 1))
        waits_s[policy] = figures.wait_s or 0.0
        assert (figures.device_share > 0.5) == isinstance(policy, ExpectedReward)
    learning_s, ignorant_s = waits_s.values()
    assert learning_s < ignorant_s


def test_a_full_queue_refuses(scenario: MakeScenario, edge_only: Always, short: Span) -> None:
    """Where nobody may wait, as many as find the worker busy; the local exit answers these."""
    made = scenario(220, bandwidth_bps=1e8, policy=edge_only, longest_queue=0)
    outcome = simulate(made, Edges(1, 1), span=short)
    load = 220 * _BUSY_S
    assert _count(outcome, EdgeFate.REFUSED) / outcome.fate.size == pytest.approx(load / (1 + load), abs=0.03)
    assert _count(outcome, Fate.STOOD_BY) == _count(outcome, EdgeFate.REFUSED)
    assert figures_of(outcome, made, Edges(1, 1)).stood_by_accuracy == pytest.approx(0.5)
    assert np.nanmax(outcome.wait_s) == 0.0


@pytest.mark.parametrize("hedged", [True, False])
def test_an_early_no_leaves_time(
    scenario: MakeScenario, edge_only: Always, short: Span, hedged: bool
) -> None:
    """Within 50 ms the device answers its deeper exit, of 40 ms, where it is refused at once."""
    made = scenario(220, bandwidth_bps=1e8, policy=edge_only, longest_queue=0, hedged=hedged)
    made = replace(made, conditions=replace(made.conditions, latency_requirement_s=0.05))
    outcome = simulate(made, Edges(1, 1), span=short)
    refused = outcome.on_edge == EdgeFate.REFUSED
    assert refused.any()
    assert (outcome.fate[refused] == Fate.STOOD_BY).all()
    assert (outcome.accuracy[refused] == 0.8).all()
    assert outcome.latency_s[refused] == pytest.approx(0.041, abs=2e-4)


def test_a_link_that_is_down_reaches_no_edge(scenario: MakeScenario, edge_only: Always, short: Span) -> None:
    """Nothing is computed; the local exit that stands by answers."""
    outcome = simulate(scenario(50, bandwidth_bps=0.0, policy=edge_only), Edges(1, 1), span=short)
    assert (outcome.on_edge == EdgeFate.NOT_REACHED).all()
    assert (outcome.fate == Fate.STOOD_BY).all()
    assert outcome.busy_s.sum() == 0.0


def test_without_edges_devices_answer_alone(scenario: MakeScenario, short: Span) -> None:
    """In the time of their own exit."""
    outcome = simulate(scenario(50), ALONE, span=short)
    assert (outcome.fate == Fate.DEVICE).all()
    assert outcome.latency_s.tolist() == [pytest.approx(0.010)] * outcome.fate.size


def test_a_device_that_is_too_slow_is_late(scenario: MakeScenario, short: Span) -> None:
    """Its own exit 2 takes 40 ms, and 30 are allowed."""
    slow = Always(Plan("exit2", 0))
    outcome = simulate(scenario(50, policy=slow), Edges(1, 1), span=short)
    assert (outcome.fate == Fate.LATE).all()
