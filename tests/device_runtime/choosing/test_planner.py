"""Which plan a request gets while it is not known whether anything is ready."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.choosing.planner import Planner
from device_runtime.edges.addresses import AddressBook
from device_runtime.edges.head_roster import HeadRoster
from edgent.errors import HeadAbsentError
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.edges.addresses import Addresses
    from edgent.network import Network
    from edgent.planning.costs import BoolArray

HERE, HEAD, INNER = Plan.device_only("exit1"), Plan("exit2", 3), Plan("exit2", 5, start=2)
PLANS = [HERE, HEAD, INNER]


class Fastest:
    """Chooses the ready plan of least latency."""

    def __init__(self, latency_s: dict[Plan, float]) -> None:
        self.latency_s = latency_s

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """The fastest of those."""
        assert ready is not None
        k = min(np.flatnonzero(ready), key=lambda k: self.latency_s[PLANS[k]])
        latency_s = self.latency_s[PLANS[k]]
        return Decision(PLANS[k], latency_s, latency_s <= latency_requirement_s, int(k), "is the fastest")


class Scene:
    """A planner, and what it asks after."""

    def __init__(self, network: Network, latency_s: dict[Plan, float]) -> None:
        self.book = AddressBook(network)
        self.roster = HeadRoster([self.book.of(plan) for plan in PLANS], lambda: 100.0)
        self.checked: list[str] = []
        self.loaded: set[Any] = set()
        self.prepare: Callable[[], object] = lambda: None
        edge: Any = SimpleNamespace(
            is_free=True,
            roster=self.roster,
            check=self.check,
        )
        sessions: Any = SimpleNamespace(
            is_loaded=lambda stage: stage in self.loaded, load_all=self.loaded.update
        )
        local_exits: Any = SimpleNamespace(to_go_on=lambda plan: {f"instead of {plan}"})
        stages = [network.stages(plan) for plan in PLANS]
        table = SimpleNamespace(remote=np.array([False, True, True]), stages=stages)
        calibration: Any = SimpleNamespace(profiled=table, possible=None)
        self.edge = edge
        self.planner = Planner(self.book, calibration, Fastest(latency_s), edge, sessions, local_exits)

    def check(self, addresses: Addresses, prepare: Callable[[], object]) -> None:
        """Remember who is asked, and what is made ready then."""
        self.checked.append(" ".join(map(str, addresses)))
        self.prepare = prepare


def test_a_plan_that_is_not_known_is_asked_after_beside_what_is(tiny_network: Network) -> None:
    """The request goes to the other head, which is ready, and does not wait for the question."""
    scene = Scene(tiny_network, {HERE: 0.09, HEAD: 0.05, INNER: 0.02})
    scene.roster.answered(scene.book.of(HEAD)[1])
    assert scene.planner.decide(0.1).plan == HEAD
    assert scene.checked == ["tiny"]
    scene.roster.answered(scene.book.of(INNER)[0])
    assert scene.planner.decide(0.1).plan == INNER
    assert scene.checked == ["tiny"]


def test_both_addresses_of_a_head_are_asked_after(tiny_network: Network) -> None:
    """A head that is not there costs the plan nothing where the pipeline is."""
    scene = Scene(tiny_network, {HERE: 0.09, HEAD: 0.05, INNER: 0.2})
    assert scene.planner.decide(0.1).plan == HERE
    assert scene.checked == ["tiny-p03 tiny"]
    scene.roster.failed(scene.book.of(HEAD)[0], HeadAbsentError("no such head"))
    scene.roster.answered(scene.book.of(HEAD)[1])
    assert scene.planner.decide(0.1).plan == HEAD


@pytest.mark.parametrize(("here_s", "chosen"), [(0.265, HEAD), (0.055, HERE), (0.09, HEAD)])
def test_where_nothing_known_is_in_time_the_quickest_is_hoped_for(
    here_s: float, chosen: Plan, tiny_network: Network
) -> None:
    """50 ms wanted, 60 there: the edge is asked unless the device alone ends first."""
    scene = Scene(tiny_network, {HERE: here_s, HEAD: 0.06, INNER: 0.5})
    scene.loaded.update(tiny_network.stages(HEAD))
    assert scene.planner.decide(0.05).plan == chosen
    assert scene.checked == []


def test_layers_that_are_not_loaded_are_not_hoped_for(tiny_network: Network) -> None:
    """Loading takes tenths of a second: it is done beside the request."""
    scene = Scene(tiny_network, {HERE: 0.265, HEAD: 0.5, INNER: 0.06})
    assert scene.planner.decide(0.05).plan == HERE
    assert scene.checked == ["tiny"]


@pytest.mark.parametrize("chosen", [HEAD, INNER])
def test_what_the_device_runs_of_a_plan_is_loaded_before_it_is_ready(
    chosen: Plan, tiny_network: Network
) -> None:
    """Layers before the window and behind it, and those that it would go on with if no answer came."""
    scene = Scene(tiny_network, {HERE: 0.265, HEAD: 0.5, INNER: 0.5} | {chosen: 0.06})
    assert scene.planner.decide(0.05).plan == HERE
    scene.prepare()
    stages = [
        stage for stage in tiny_network.stages(chosen) if stage.step in (Step.RUN_BEFORE, Step.RUN_DEVICE)
    ]
    assert scene.loaded == {*stages, f"instead of {chosen}"}
    assert scene.planner.decide(0.05).plan == chosen


def test_a_busy_edge_is_not_planned_for(tiny_network: Network) -> None:
    """An earlier request's answer is still under way."""
    scene = Scene(tiny_network, {HERE: 0.09, HEAD: 0.05, INNER: 0.02})
    scene.roster.answered(scene.book.of(HEAD)[0])
    scene.edge.is_free = False
    assert scene.planner.decide(0.1).plan == HERE
    assert scene.checked == []
