"""What answered requests tell of both nodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.edges.edges import Edge
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.timeline import Timeline

INNER = Plan.parse("exit2:p3-p8")
PLANS = [INNER, Plan.device_only("exit1"), Plan.device_only("exit2")]
IMAGE = np.zeros((3, 8, 8), dtype=np.uint8)


class Profiled(SimpleNamespace):
    """Of a cost table what learning asks of it."""

    def __contains__(self, plan: object) -> bool:
        return plan in PLANS


class Remembers:
    """A calibration that remembers what it is told."""

    edge_factor = device_factor = 1.0

    def __init__(self) -> None:
        self.profiled = Profiled(index_of=PLANS.index, file_bytes=0)
        self.table = SimpleNamespace(seconds=np.zeros((len(Step), len(PLANS))))
        self.told: list[tuple[Plan, Timeline, float | None]] = []
        self.late: list[tuple[Plan, float, float]] = []

    def writing_s(self, _: Plan) -> float:
        """At once."""
        return 0.0

    def observe(self, k: int, timeline: Timeline, overhead_s: float | None, *_: object) -> None:
        """Remember it."""
        self.told.append((PLANS[k], timeline, overhead_s))

    def outlasted(self, k: int, waited_s: float, predicted_s: float) -> None:
        """Remember that, too."""
        self.late.append((PLANS[k], waited_s, predicted_s))


def calibrated(calibration: Remembers) -> Any:
    """A planner whose calibration is asked, and which has predicted 90 ms."""
    decision = Decision(INNER, 0.09, meets_requirement=True, index=0, reason="")
    return SimpleNamespace(calibration=calibration, decide=lambda _: decision)


def test_what_was_done_before_a_late_edge_was_asked_is_learnt(scene: Callable[..., Any]) -> None:
    """Else a plan whose first layers are slow would be late, and chosen, again and again."""
    made = scene(INNER)
    calibration: Any = Remembers()
    made.reopen(Edge(made.edge, calibrated(calibration)), plan=INNER)
    made.edge.script = [made.answers(INNER, 10.0)]
    answer = made.runtime.infer(IMAGE, 0.1)
    assert answer.edge_error is not None
    (wanted, tried, overhead_s), (answered, *_) = calibration.told
    assert (wanted, answered, overhead_s) == (INNER, answer.plan, None)
    assert tried.before_s == pytest.approx(0.005)  # the first three layers
    assert (tried.edge_s, tried.network_s) == (0.0, 0.0)


def test_how_long_a_late_edge_was_awaited_is_learnt(scene: Callable[..., Any]) -> None:
    """An edge that was never sent the request, for an earlier one is under way, tells nothing."""
    made = scene(INNER)
    asked: Any = Remembers()
    made.reopen(Edge(made.edge, calibrated(asked)), plan=None)
    made.edge.script = [made.answers(INNER, 10.0)]
    late, busy = (made.runtime.infer(IMAGE, 0.1) for _ in range(2))
    assert late.edge_error is not None
    assert busy.edge_error is not None
    assert asked.late == [(INNER, pytest.approx(late.latency_s), 0.09)]


def test_an_edge_that_answers_is_told_of_once(scene: Callable[..., Any]) -> None:
    """Nothing was tried in vain."""
    made = scene(INNER)
    calibration: Any = Remembers()
    made.reopen(Edge(made.edge, calibrated(calibration)), plan=INNER)
    made.edge.script = [made.answers(INNER, 0.003)]
    made.runtime.infer(IMAGE, 0.1)
    assert [plan for plan, *_ in calibration.told] == [INNER]
