"""A request whose frame comes out large, and the plan that is taken instead."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.carrying_out.request import Request
from device_runtime.choosing.second_thoughts import SecondThoughts
from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.learning.calibration import Calibration
from device_runtime.link.link import LinkMeter
from device_runtime.link.link_tracking import MovingLink, SteadyLink
from edgent.bandwidth.last_value import LastValueForecast
from edgent.core.exit_rules.rule import ExitRule
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.decision import Decision
from edgent.planning.fallback import Fallback
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = np.zeros((3, 8, 8), np.uint8)
LARGE, SMALL = Plan("exit1", 1, "jpeg"), Plan("exit1", 1, "avif20")
TABLE = build_cost_table(
    NetworkCosts(
        (
            ExitCosts(
                "exit1",
                {("raw", "float32"): 0.9, ("jpeg", "float32"): 0.89, ("avif20", "float32"): 0.8},
                np.array([0.0, 0.001]),
                np.array([1.0, 0.0]),
                {"float32": CodecCosts(np.full(2, 50.0))},
            ),
        ),
        {
            "raw": CodecCosts(50_000.0),
            "jpeg": CodecCosts(3_000.0, lossless=False),
            "avif20": CodecCosts(1_000.0, lossless=False),
        },
    )
)


NOBODY: Any = None
ANYWHERE: Any = SimpleNamespace(of=lambda _: ())


def _request(plan: Plan, left_s: float, *, is_second: bool = False) -> Request:
    decision = Decision(plan, 0.05, True, TABLE.index_of(plan), "is the best")
    tensor, local = np.zeros((1, 3, 8, 8), np.uint8), Fallback("exit1", 0.9, 0.5)
    deadline = Deadline(100.0 + left_s, lambda: 100.0)
    return Request(
        tensor,
        plan,
        (),
        decision,
        99.9,
        deadline,
        0.2,
        local,
        99.95,
        hedged=True,
        edge=NOBODY,
        is_second=is_second,
    )


def _thoughts(upload_bps: float, *, moving: bool = False, addresses: Any = None) -> SecondThoughts:
    meter = LinkMeter(Link(0.01, upload_bps, upload_bps))
    tracker = MovingLink(meter, LastValueForecast(), LastValueForecast()) if moving else SteadyLink(meter)
    edge: Any = SimpleNamespace(roster=SimpleNamespace(known=lambda: np.ones(len(TABLE), np.bool_)))
    return SecondThoughts(Calibration(TABLE), tracker, edge, addresses or ANYWHERE, USUAL_OBJECTIVE, 0.0)


@pytest.mark.parametrize("moving", [False, True])
def test_it_decides_by_the_link_that_is_expected(moving: bool) -> None:
    """At 400 kbps twice the bytes are late and a smaller codec is not; at 4 Mbps the frame is sent."""
    second = _thoughts(400e3, moving=moving).on(_request(LARGE, 0.1), 6_000)
    assert second is not None
    assert (second.plan, second.is_second, second.began_s) == (SMALL, True, 100.0)
    assert second.latest_start_s() == pytest.approx(99.95 + 0.5)
    assert _thoughts(4e6, moving=moving).on(_request(LARGE, 0.1), 6_000) is None


def test_it_decides_once_and_only_where_it_decided_before() -> None:
    """A second frame is sent, however large; so is that of a plan which the caller chose."""
    thoughts = _thoughts(400e3)
    assert thoughts.on(_request(LARGE, 0.1, is_second=True), 6_000) is None
    assert thoughts.on(replace(_request(LARGE, 0.1), decision=None), 6_000) is None


def test_the_other_plan_begins_now(scene: Callable[[Plan], Any]) -> None:
    """Its own frame is written and sent; the time that went by counts, for the local exit, too."""
    first, second = Plan("exit2", 3, "jpeg", "uint8"), Plan("exit2", 2, codec_down="uint8")
    made = scene(first)
    made.edge.script = [made.answers(second, 0.02)]
    book = AddressBook(made.network)
    seen: list[tuple[Request, int]] = []

    def instead(request: Request, frame_bytes: int) -> Request | None:
        seen.append((request, frame_bytes))
        if request.is_second:
            return None
        made.clock.pass_s(0.03)
        other = Decision(second, 0.05, True, 0, "is smaller")
        return replace(request.begun_anew(second, book.of(second), other), is_second=True)

    made.think_twice_by(SimpleNamespace(on=instead))
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.wanted, answer.edge_error) == (second, first, None)
    assert [up for _, up, _, _ in made.edge.asked] == ["jpeg", "raw"]
    assert seen[0][1] == len(b"frame")
    assert answer.latency_s > 0.03
    (before, _), (after, _) = seen
    assert after.is_second
    assert after.latest_start_s() == pytest.approx(before.latest_start_s())
    assert after.encode_s == 0.0


def test_the_other_plan_asks_none_of_the_exits_of_the_first(scene: Callable[..., Any]) -> None:
    """It does not leave early: the edge is told of no exit, and nothing is said to be missing."""
    first, second = Plan.parse("exit2:p8+early"), Plan.parse("exit2:p8:jpeg:float32")
    made = scene(first, ExitRule("largest_probability", {"exit1": 0.9}))
    made.edge.script = [made.answers(second, 0.02)]

    def instead(request: Request, _: int) -> Request | None:
        other = Decision(second, 0.05, True, 0, "is smaller")
        anew = request.begun_anew(second, AddressBook(made.network).of(second), other)
        return None if request.is_second else replace(anew, is_second=True)

    made.think_twice_by(SimpleNamespace(on=instead))
    answer = made.runtime.infer(IMAGE, 1.0)
    assert [exits is None for exits in made.edge.to_ask] == [False, True]
    assert (answer.plan, answer.not_asked) == (second, None)


def test_the_other_plan_may_ask_nobody(scene: Callable[[Plan], Any]) -> None:
    """Then nothing is sent."""
    first, second = Plan("exit2", 3, "jpeg", "uint8"), Plan("exit1", 0)
    made = scene(first)
    decision = Decision(second, 0.05, True, 0, "is in time")

    def instead(request: Request, _: int) -> Request | None:
        return (
            None if request.is_second else replace(request.begun_anew(second, (), decision), is_second=True)
        )

    made.think_twice_by(SimpleNamespace(on=instead))
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.class_index) == (second, 0)
