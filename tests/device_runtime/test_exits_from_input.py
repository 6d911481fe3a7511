"""An exit that shares only the input with the others, as one on smaller pictures does."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.early_exits.early_exits import EarlyExits
from device_runtime.early_exits.edge_exits import EdgeExits
from device_runtime.early_exits.exits_on_the_way import exits_on_the_way
from device_runtime.local_exits.climb import Climb
from device_runtime.local_exits.exit_ladder import Rung, first_rung, next_rung, seconds_to
from device_runtime.local_exits.exit_segments import ExitSegments
from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.local_exits.sessions import Sessions
from edgent.core.exit_rules.rule import ExitRule
from edgent.errors import EdgeError, EdgeUnreachableError
from edgent.planning.plan import Plan
from edgent.planning.stages import Step, run_on_device
from tests.cuts import noise
from tests.device_runtime.local_exits.test_climb import AtOnce, zeros
from tests.runtime_fixtures import Clock, Scene

if TYPE_CHECKING:
    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.network import Network
    from edgent.planning.stages import Stage

LADDER = (
    Rung("exit2", 0.8, 0.0, 4.0, from_input=True),
    Rung("exit1", 0.7, 1.0, 0.5),
    Rung("exit3", 0.9, 8.0, 0.0),
)
RULE = ExitRule("largest_probability", {"exit1": 0.9, "exit2": 0.9})


def test_pieces_answer_as_the_unsplit_network(resizing_network: Network) -> None:
    """Its own layers from the input, whatever the trunk has come to."""
    sessions, segments = Sessions(resizing_network), ExitSegments(resizing_network.graph)
    image = noise(resizing_network)[:1]
    tensor, found = image, {}
    for way in segments.ahead(0):
        tensor = tensor if way.trunk is None else sessions.run(way.trunk, tensor)
        source = image if way.from_input else tensor
        found[way.exit] = source if way.branch is None else sessions.run(way.branch, source)
    assert list(found) == ["exit2", "exit1", "exit3"]
    for name, logits in found.items():
        (whole,) = segments.to(name, 0)
        np.testing.assert_allclose(logits, sessions.run(whole, image), rtol=0, atol=1e-5)
    assert [way.exit for way in segments.ahead(2)] == ["exit2", "exit1", "exit3"]
    assert [way.exit for way in segments.ahead(4)] == ["exit2", "exit3"]


def test_its_seconds_count_from_the_input() -> None:
    """The trunk's pieces add up without it."""
    assert seconds_to(LADDER) == [4.0, 1.5, 9.0]


@pytest.mark.parametrize(
    ("left_s", "above", "expected"),
    [
        (1.0, 0.0, None),
        (1.5, 0.0, 1),
        (4.0, 0.0, 0),
        (5.4, -np.inf, 0),
        (5.5, -np.inf, 1),  # exit 1 on the way to exit 2 costs all that leads to it
        (5.5, 0.1, 0),  # and is not worth that where there is an answer
        (9.0, -np.inf, 2),
        (12.9, -np.inf, 1),  # on the way to exit 3 exit 1 costs its branch
        (13.0, -np.inf, 0),  # exit 2 all its layers
        (13.0, 0.7, 2),
        (13.0, 0.8, 2),
    ],
)
def test_which_exit_comes_next(left_s: float, above: float, expected: int | None) -> None:
    """It is an answer on the way only while there is none."""
    assert next_rung(LADDER, left_s, above) == expected


@pytest.mark.parametrize(
    ("stands_by", "accuracy", "left_s", "expected"),
    [
        ("exit1", 0.7, 20.0, 1),  # exit 2 takes longer, and is not gone to at any risk
        ("exit2", 0.8, 4.0, 0),
        ("exit2", 0.8, 5.5, 1),
        ("exit2", 0.8, 3.9, None),
        ("exit3", 0.9, 9.0, 2),
        ("exit3", 0.9, 13.0, 0),
    ],
)
def test_what_stands_by_is_answered_before_what_takes_longer(
    stands_by: str, accuracy: float, left_s: float, expected: int | None
) -> None:
    """Behind an exit from the input lies what takes longer than it."""
    assert first_rung(LADDER, stands_by, accuracy, left_s) == expected


class Layers:
    """Sessions that take a second for each unit of the ladder, and note what they ran on what."""

    def __init__(self, network: Network) -> None:
        self.clock = Clock()
        self.ways = ExitSegments(network.graph).ahead(0)
        self.ran: list[tuple[str, int, float]] = []

    def run(self, stage: Stage, tensor: np.ndarray, _: object) -> np.ndarray:
        """The tensor with one more in it."""
        for rung, way in zip(LADDER, self.ways, strict=True):
            self.clock.pass_s(rung.trunk_s * (stage == way.trunk) + rung.branch_s * (stage == way.branch))
        self.ran.append((stage.exit, stage.start, float(tensor.item())))
        return tensor + 1


@pytest.mark.parametrize(
    ("within_s", "passed"),
    [
        (4.2, ["exit2"]),
        (5.6, ["exit1", "exit2"]),
        (9.2, ["exit3"]),
        (9.6, ["exit1", "exit3"]),
        (14.0, ["exit2", "exit3"]),
    ],
)
def test_a_climb_goes_back_to_the_input_for_it(
    resizing_network: Network, within_s: float, passed: list[str]
) -> None:
    """And goes on along the trunk from where it stood: no layer is run twice."""
    layers = Layers(resizing_network)
    sessions: Any = layers
    climb = Climb(sessions, layers.ways, LADDER, Deadline.after(within_s, layers.clock))
    climb.start(AtOnce(), zeros, zeros, next_rung(LADDER, within_s) or 0)
    assert [at.exit for at in climb.reached] == passed
    assert len(layers.ran) == len({ran[:2] for ran in layers.ran})
    assert all(value == 0 for _, start, value in layers.ran if start == 0)
    for at in climb.reached:
        assert at.run_s == pytest.approx(seconds_to(LADDER)[[rung.exit for rung in LADDER].index(at.exit)])
        assert at.from_input == (at.exit == "exit2")


def test_it_stands_by_where_an_activation_is_at_hand(resizing_network: Network) -> None:
    """The edge is away once exit 3's first layers have run, 5 ms: exit 2 takes 20 ms from the input."""
    made = Scene(resizing_network, Plan.parse("exit3:p2-p4"))
    made.sessions.piece_s = {("exit3", 2, 3): 0.002, ("exit3", 3, 8): 0.070}

    def fails(_: str, __: Deadline) -> Arrival:
        error: EdgeError = EdgeUnreachableError("gone")
        raise error

    made.edge.script = [fails]
    answer = made.runtime.infer(np.zeros((3, 16, 16), np.uint8), latency_requirement_s=0.032)
    assert answer.plan == Plan.device_only("exit2")
    assert answer.went_from == 0
    assert answer.passed[-1] == "exit2"


def test_local_exits_open_and_time_it(resizing_network: Network) -> None:
    """All ways are timed from what they read; from inside the trunk only the trunk's exits go on."""
    local_exits = LocalExits(resizing_network, Sessions(resizing_network), pause=lambda _: None)
    rungs = {rung.exit: rung for rung in local_exits.rungs(2)}
    assert rungs["exit2"].from_input
    assert rungs["exit2"].branch_s > 0
    inside = Plan.parse("exit3:p2-p4")
    assert not local_exits.can_go_on("exit2", inside)
    image = noise(resizing_network)[:1]
    assert local_exits.run("exit2", image).shape == (1, 10)


def test_nobody_is_asked_on_the_way_to_it(resizing_network: Network) -> None:
    """Exit 1 lies on another way. It is itself on the way of all that begins at the input."""
    graph = resizing_network.graph
    on_the_way = {
        name: [path.exit_name for path in exits_on_the_way(graph, RULE, name, range(20))]
        for name in graph.exit_names
    }
    assert on_the_way == {"exit1": [], "exit2": [], "exit3": ["exit2", "exit1"]}


def test_a_device_that_does_all_asks_it_first(resizing_network: Network) -> None:
    """On the input; what does not leave there goes along the trunk as if nothing had been."""
    sessions, image = Sessions(resizing_network), noise(resizing_network)[:1]
    graph, whole = resizing_network.graph, run_on_device("exit3", 0, 8)
    sure, unsure = (
        EarlyExits(ExitRule("margin", {"exit2": at}), graph, sessions, time.perf_counter) for at in (0.0, 1.0)
    )
    left = sure.walk(whole, image)
    assert (left.left_at, left.passed) == ("exit2", ("exit2",))
    np.testing.assert_array_equal(left.output, sessions.run(run_on_device("exit2", 0, 9), image))
    went_on = unsure.walk(whole, image)
    assert (went_on.left_at, went_on.passed) == (None, ("exit2",))
    np.testing.assert_array_equal(went_on.output, sessions.run(whole, image))
    (before,) = unsure.pieces(replace(whole, step=Step.RUN_BEFORE, stop=4))
    assert before.asks is None


def test_the_edge_does_not_ask_it(resizing_network: Network) -> None:
    """Who sends the input asks nobody that begins there, neither here nor there."""
    inside = EdgeExits(resizing_network, RULE).inside(Plan.parse("exit3:p5+early"))
    assert inside is not None
    assert inside.names == ("exit1",)
