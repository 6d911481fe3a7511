"""Several edges: the best of what is best for each, against all pairs of an edge and a plan one by one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_runtime.choosing.choosers import SteadyChooser
from device_runtime.learning.calibration import Calibration
from device_runtime.link.link import LinkMeter
from edgent.bandwidth.last_value import LastValueForecast
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.objective import Objective
from edgent.planning.policies.known_link import KnownLink
from edgent.planning.policies.least_cost import LeastCost
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD, WORTH_IT
from edgent.planning.reward import reward
from edgent.planning.situation import Situation
from edgent.planning.stages import EDGE_STEPS
from edgent.planning.worth import Worth, best_of
from tests.planning.test_objective import costs_of, objectives

Edges = list[tuple[CostTable, Link]]
_SPEEDS = (0.25, 0.5, 1.0, 2.0)
Draw = Callable[[st.DataObject], tuple[Edges, float]]


@pytest.fixture(scope="session")
def draw(
    random_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
) -> Draw:
    """One to four edges of a network, each with its own speed and its own link, and a requirement."""

    def drawn(data: st.DataObject) -> tuple[Edges, float]:
        network, speeds = (
            data.draw(random_networks),
            st.lists(st.sampled_from(_SPEEDS), min_size=1, max_size=4),
        )
        edges = [(_at_speed(network.candidates, speed), data.draw(links)) for speed in data.draw(speeds)]
        return edges, data.draw(requirements)

    return drawn


def _at_speed(table: CostTable, speed: float) -> CostTable:
    seconds = table.seconds.copy()
    seconds[list(EDGE_STEPS)] /= speed
    return replace(table, seconds=seconds)


@settings(max_examples=300, deadline=None)
@given(st.data(), objectives)
def test_an_objective_over_edges(draw: Draw, data: st.DataObject, objective: Objective) -> None:
    """The best pair of an edge and a plan in time; where none is, the quickest pair."""
    edges, requirement_s = draw(data)
    choosers = [SteadyChooser(Calibration(table), LinkMeter(link), objective) for table, link in edges]
    decisions = [chooser.decide(requirement_s, None) for chooser in choosers]
    worths = [decision.worth for decision in decisions if decision.worth is not None]
    chosen = best_of(worths)
    table, link = edges[chosen]
    pairs = [
        (key, latency_s)
        for table, link in edges
        for key, latency_s in zip(costs_of(table, objective, link), table.latency_s(link), strict=True)
    ]
    in_time = [key for key, latency_s in pairs if latency_s <= requirement_s]
    if in_time:
        key = costs_of(table, objective, link)[decisions[chosen].index]
        if objective.is_usual:  # Algorithm 1: the deepest exit, then the fastest
            assert (key[1], key[4]) == min((other[1], other[4]) for other in in_time)
        else:
            assert key == min(in_time)
    else:
        assert decisions[chosen].latency_s == min(latency_s for _, latency_s in pairs)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from([0.0, 1.0]))
def test_a_reward_over_edges(draw: Draw, data: st.DataObject, weight: float) -> None:
    """No pair is worth more by more than what is about as good; exactly none by the paper's reward."""
    edges, requirement_s = draw(data)
    found = []
    for table, link in edges:
        forecast = LastValueForecast()
        forecast.update(link.upload_bps)
        decision = KnownLink(weight).decide(table, Situation(link, requirement_s, forecast))
        assert decision.worth is not None
        found.append(decision.worth)
    most = max(
        float(reward(table.latency_s(link), table.accuracy, requirement_s, weight).max())
        for table, link in edges
    )
    share = 0.0 if weight else 2 * ABOUT_AS_GOOD  # once among the plans of an edge, once among edges
    assert found[best_of(found)].ranks[0] >= most * (1 - share)


@settings(max_examples=100, deadline=None)
@given(st.data(), objectives)
def test_the_least_cost_over_edges(draw: Draw, data: st.DataObject, objective: Objective) -> None:
    """An edge with a sure plan goes before one without; of several sure ones the least cost is taken."""
    edges, requirement_s = draw(data)
    found, sure = [], []
    for table, link in edges:
        forecast = LastValueForecast()
        forecast.update(link.upload_bps)
        situation = Situation(link, requirement_s, forecast, download_ratio=1.0)
        decision = LeastCost(objective).decide(table, situation)
        assert decision.worth is not None
        found.append(decision.worth)
        sure.append("late at most" in decision.reason)
    assert sure[best_of(found)] == any(sure)
    if any(sure):
        assert found[best_of(found)].ranks == max(
            w.ranks for w, is_sure in zip(found, sure, strict=True) if is_sure
        )


VALUE = 0.9
PARTS: list[Any] = [
    ([(VALUE, 0.2), (VALUE, 0.1)], 1),
    ([(VALUE, 0.2), (VALUE - 0.5 * ABOUT_AS_GOOD, 0.2 / (1 + 0.5 * WORTH_IT) - 1e-9)], 1),
    ([(VALUE, 0.2), (VALUE - 0.5 * ABOUT_AS_GOOD, 0.2 / (1 + 0.5 * WORTH_IT) + 1e-9)], 0),
    ([(VALUE, 0.2), (VALUE - 1.1 * ABOUT_AS_GOOD, 0.001)], 0),
]


@pytest.mark.parametrize(("offers", "taken"), PARTS)
def test_ties_are_broken_as_among_plans(offers: list[tuple[float, float]], taken: int) -> None:
    """A little accuracy is given up for a large share of the latency, and no more."""
    assert best_of([Worth((value,), seconds, ABOUT_AS_GOOD) for value, seconds in offers]) == taken


def test_what_counts_more_is_not_traded() -> None:
    """Indifference is about the last rank only."""
    offers = [Worth((1.0, -5.0), 0.2, ABOUT_AS_GOOD), Worth((1.0 - 1e-9, 0.0), 0.001, ABOUT_AS_GOOD)]
    assert best_of(offers) == 0
    assert np.isclose(offers[0].latency_s, 0.2)
