"""The requests of a simulation."""

from dataclasses import replace

import numpy as np
import pytest

from edgent.capacity.crowd import Crowd, Span
from edgent.capacity.link_cells import LinkCells
from edgent.capacity.scenario import ALONE, IDLE, Edges, Scenario
from edgent.errors import PlanError
from tests.capacity.conftest import MakeScenario


def _crowd(scenario: Scenario, edges: Edges, span: Span) -> Crowd:
    return Crowd.of(scenario, edges, LinkCells.of(scenario.traces), span)


def test_requests_come_at_random(scenario: MakeScenario) -> None:
    """As often as the rate says, with gaps as spread as they are long, from every device about as often."""
    crowd = _crowd(scenario(100, rate_hz=2.0), Edges(1, 4), Span(least_s=300.0))
    gaps_s = np.diff(crowd.asked_s)
    assert gaps_s.mean() == pytest.approx(1 / 200, rel=0.02)
    assert gaps_s.std() == pytest.approx(gaps_s.mean(), rel=0.03)
    counts = np.bincount(crowd.device)
    assert counts.size == 100
    assert counts.min() > 0.8 * counts.mean()
    assert crowd.counted_s == 300.0
    assert crowd.asked_s[-1] <= crowd.begins_s + 300.0 == pytest.approx(400.0)


def test_few_requests_take_longer(scenario: MakeScenario) -> None:
    """So that enough of them count."""
    crowd = _crowd(scenario(10), Edges(1, 4), Span(least_requests=2_000))
    assert crowd.counted_s == 200.0
    assert (crowd.asked_s >= crowd.begins_s).sum() == pytest.approx(2_000, rel=0.1)


def test_very_many_requests_take_less_time(scenario: MakeScenario) -> None:
    """A tenth of the time where ten times as many ask."""
    span = Span(least_s=60.0, least_requests=100, most_requests=6_000)
    few, many = (_crowd(scenario(devices), Edges(1, 4), span) for devices in (100, 1_000))
    assert (few.counted_s, many.counted_s) == (60.0, 6.0)


def test_enough_edges_stand_for_all(scenario: MakeScenario) -> None:
    """Each has its devices for itself; all are simulated where there are few devices."""
    span = Span(least_s=1.0, least_requests=100)
    many = _crowd(scenario(100_000), Edges(1_000, 4), span)
    assert (many.devices, many.edges) == (500, 5)
    assert many.edge.tolist() == (many.device // 100).tolist()
    few = _crowd(scenario(10), Edges(3, 4), span)
    assert (few.devices, few.edges) == (10, 3)
    assert set(few.edge.tolist()) == {0, 1, 2}
    assert _crowd(scenario(700), Edges(1, 4), span).devices == 700
    for unlimited in (IDLE, ALONE):
        assert _crowd(scenario(700), unlimited, span).devices == 500


@pytest.mark.parametrize(
    ("devices", "edges", "simulated"),
    [(10, 9, (10, 9)), (600, 1_000, (500, 834)), (3, 10, (3, 10)), (1_001, 1_000, (500, 500))],
    ids=["one more device", "more edges", "few of both", "many of both"],
)
def test_edges_are_as_busy_as_in_the_whole(
    scenario: MakeScenario, devices: int, edges: int, simulated: tuple[int, int]
) -> None:
    """As many devices to an edge, dealt out evenly, also where edges are more than devices."""
    crowd = _crowd(scenario(devices), Edges(edges, 1), Span(least_s=20.0, least_requests=100))
    assert (crowd.devices, crowd.edges) == simulated
    edge_of = dict(zip(crowd.device.tolist(), crowd.edge.tolist(), strict=True))
    counts = np.bincount(list(edge_of.values()), minlength=crowd.edges)
    assert counts.size == crowd.edges
    assert counts.max() - counts.min() <= 1


def test_draws_are_common(scenario: MakeScenario) -> None:
    """The same requests whatever edges there are, the same moments in other units at another rate."""
    span = Span(least_s=5.0, least_requests=100)
    one, other = (_crowd(scenario(600), edges, span) for edges in (Edges(1, 1), Edges(1, 9)))
    assert one.asked_s.tolist() == other.asked_s.tolist()
    assert one.device.tolist() == other.device.tolist()
    assert one.cell.tolist() == other.cell.tolist()
    quick = _crowd(scenario(600, rate_hz=2.0), Edges(1, 1), span)
    assert quick.asked_s[:500] == pytest.approx(one.asked_s[:500] / 2)
    assert _crowd(scenario(600, seed=1), Edges(1, 1), span).asked_s[0] != one.asked_s[0]


def test_what_makes_no_sense_is_refused(scenario: MakeScenario) -> None:
    """With what to give instead."""
    with pytest.raises(PlanError, match="0 devices: there is nothing to plan for; give 1 or more"):
        scenario(0)
    with pytest.raises(PlanError, match="10,000,000,000,000 devices: at most 10,000,000 are simulated"):
        scenario(10**13)
    with pytest.raises(PlanError, match="0 requests a second: give a rate above 0"):
        scenario(rate_hz=0.0)
    with pytest.raises(PlanError, match="no traces: devices have no links"):
        replace(scenario(), traces=())
