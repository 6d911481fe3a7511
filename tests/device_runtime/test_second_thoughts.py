"""A request whose frame comes out large, and the plan that is taken instead."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.calibration import Calibration
from device_runtime.link import LinkMeter
from device_runtime.link_tracking import MovingLink, SteadyLink
from device_runtime.second_thoughts import SecondThoughts
from edgent.bandwidth.last_value import LastValueForecast
from edgent.planning.cost_table import build_cost_table
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.objective import USUAL_OBJECTIVE
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.request import Request

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


def _request(plan: Plan, left_s: float, *, is_second: bool = False) -> Any:
    decision = Decision(plan, 0.05, True, TABLE.index_of(plan), "is the best")
    return SimpleNamespace(
        decision=decision, is_second=is_second, deadline=SimpleNamespace(left_s=lambda: left_s)
    )


def _thoughts(upload_bps: float, *, moving: bool = False) -> SecondThoughts:
    meter = LinkMeter(Link(0.01, upload_bps, upload_bps))
    tracker = MovingLink(meter, LastValueForecast()) if moving else SteadyLink(meter)
    edge: Any = SimpleNamespace(roster=SimpleNamespace(known=lambda: np.ones(len(TABLE), np.bool_)))
    return SecondThoughts(Calibration(TABLE), tracker, edge, USUAL_OBJECTIVE, 0.0)


@pytest.mark.parametrize("moving", [False, True])
def test_it_decides_by_the_link_that_is_expected(moving: bool) -> None:
    """At 400 kbps twice the bytes are late and a smaller codec is not; at 4 Mbps the frame is sent."""
    second = _thoughts(400e3, moving=moving).on(_request(LARGE, 0.1), 6_000)
    assert second is not None
    assert second.plan == SMALL
    assert _thoughts(4e6, moving=moving).on(_request(LARGE, 0.1), 6_000) is None


def test_it_decides_once_and_only_where_it_decided_before() -> None:
    """A second frame is sent, however large; so is that of a plan which the caller chose."""
    thoughts = _thoughts(400e3)
    assert thoughts.on(_request(LARGE, 0.1, is_second=True), 6_000) is None
    by_caller: Any = SimpleNamespace(decision=None, is_second=False)
    assert thoughts.on(by_caller, 6_000) is None


class Instead:
    """Another plan for every first frame."""

    def __init__(self, plan: Plan, clock: Any) -> None:
        self.plan = plan
        self.clock = clock
        self.seen: list[tuple[Request, int]] = []

    def on(self, request: Request, frame_bytes: int) -> Decision | None:
        """As `SecondThoughts.on`, after some time."""
        self.seen.append((request, frame_bytes))
        if request.is_second:
            return None
        self.clock.pass_s(0.03)
        return Decision(self.plan, 0.05, True, 0, "is smaller")


@pytest.mark.parametrize("second", [Plan("exit2", 2, codec_down="uint8"), Plan("exit1", 0)])
def test_the_other_plan_is_carried_out(scene: Callable[[Plan], Any], second: Plan) -> None:
    """Its own frame is written and sent, or none; the time that went by counts."""
    first = Plan("exit2", 3, "jpeg", "uint8")
    made = scene(first)
    made.edge.script = [made.answers(second, 0.02)]
    instead = Instead(second, made.clock)
    made.runtime._execution._second_thoughts = instead
    answer = made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.wanted, answer.edge_error) == (second, first, None)
    asked = [(head, up) for head, up, _, _ in made.edge.asked]
    assert asked == [("tiny-p03", "jpeg"), *([("tiny-p02", "raw")] if second.remote else [])]
    assert instead.seen[0][1] == len(b"frame")
    assert answer.latency_s > 0.03
    if second.remote:
        (before, _), (after, _) = instead.seen
        assert after.is_second
        assert after.latest_start_s() == pytest.approx(before.latest_start_s())
        assert after.encode_s == 0.0
