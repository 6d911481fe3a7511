"""How many it takes: against trying every number, and where there is no such number."""

from dataclasses import replace

import pytest

from edgent.capacity.crowd import Span
from edgent.capacity.need import Question, need
from edgent.capacity.scenario import ALONE, IDLE, Edges, Scenario
from edgent.capacity.shortfall import Shortfall
from edgent.capacity.simulation import simulate
from tests.capacity.conftest import Always, MakeScenario

_SPAN = Span(least_s=5.0, least_requests=2_000)


def _question(scenario: Scenario, edges: int | None = None, workers: int | None = None) -> Question:
    return Question("made up", scenario, edges, workers, span=_SPAN)


def test_one_less_is_not_enough(scenario: MakeScenario) -> None:
    """Edges of two workers; what was tried is told, rising."""
    made = scenario(2_000, bandwidth_bps=1e7)
    found = need(_question(made, workers=2))
    assert found.is_enough
    assert found.found.workers == 2
    assert found.found.edges > 1
    assert found.found.missed_share <= found.idle.missed_share + 0.01
    fewer = need(_question(made, found.found.edges - 1, 2))
    assert not fewer.is_enough
    assert fewer.found in found.tried
    assert (found.is_given, fewer.is_given) == (False, True)
    assert found.busy_workers == pytest.approx(found.idle.edge_share * 2_000 * 0.0045, rel=0.1)
    numbers = [figures.edges for figures in found.tried]
    assert numbers == sorted(set(numbers))
    assert found.found.total_workers == 2 * found.found.edges


def test_workers_of_one_edge(scenario: MakeScenario) -> None:
    """A single queue takes no more workers than several do."""
    made = scenario(2_000, bandwidth_bps=1e7)
    together, apart = need(_question(made, edges=1)), need(_question(made, workers=1))
    assert together.is_enough
    assert apart.is_enough
    assert together.found.edges == 1
    assert together.found.total_workers <= apart.found.total_workers
    assert not need(_question(made, 1, together.found.total_workers - 1)).is_enough


def test_no_edge_is_needed_where_devices_do_as_well(scenario: MakeScenario) -> None:
    """Within 60 ms the deeper exit fits on the device; and over a bad link there is nothing to lose."""
    made = scenario(500)
    longer = replace(made, conditions=replace(made.conditions, latency_requirement_s=0.06))
    for easy in (longer, scenario(500, bandwidth_bps=20e3)):
        found = need(_question(easy, workers=4))
        assert found.is_enough
        assert found.found.edges == 0
        assert found.found.device_share == 1.0


def test_links_may_be_the_limit(scenario: MakeScenario, edge_only: Always) -> None:
    """Without a hedge a plan that its link makes late is late on an idle edge, too."""
    made = scenario(100, bandwidth_bps=100e3, policy=edge_only, hedged=False)
    found = need(_question(made, workers=1))
    assert not found.is_enough
    assert found.found == found.idle
    assert found.found.workers is None
    assert found.found.late_share == 1.0
    assert found.shortfalls == (Shortfall.LATE,)


def test_alone_is_a_number_of_edges(scenario: MakeScenario) -> None:
    """What devices make of 0 edges is told, enough or not."""
    found = need(_question(scenario(500, bandwidth_bps=1e7), edges=0))
    assert not found.is_enough
    assert (found.found.edges, found.found.accuracy) == (0, pytest.approx(0.5))
    assert (found.is_given, found.shortfalls) == (True, (Shortfall.ACCURACY,))
    assert found.found.device_utilisation == pytest.approx(0.01)


def test_idle_is_what_figures_are_held_against(scenario: MakeScenario) -> None:
    """No wait, and the deeper exit."""
    made = scenario(200, bandwidth_bps=1e7)
    idle = need(_question(made, 1, 50)).idle
    assert idle.wait_s == 0.0
    assert idle.utilisation is None
    assert idle.accuracy == pytest.approx(simulate(made, IDLE, span=_SPAN).accuracy.mean())
    assert idle.accuracy == pytest.approx(0.8, abs=0.01)
    assert Edges(idle.edges, idle.workers) == IDLE


def test_what_is_tried_is_told(scenario: MakeScenario) -> None:
    """Each number once, before it is simulated."""
    told: list[Edges] = []
    found = need(_question(scenario(2_000, bandwidth_bps=1e7), workers=2), told.append)
    assert told[0] == IDLE
    assert {(edges.count, edges.workers) for edges in told[1:]} >= {
        (figures.edges, figures.workers) for figures in found.tried
    }
    assert len(set(told)) == len(told)
    assert [str(edges) for edges in (IDLE, ALONE, Edges(1, 2))] == [
        "edges on which nobody waits",
        "no edges",
        "1 edge of 2 workers",
    ]
