"""A planner that takes long: its time is the answer's, and is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgent.planning.decision import Decision
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = Plan("exit1", 0)
IMAGE = np.zeros((3, 8, 8), np.uint8)


class SlowPlanner:
    """Always the same plan, after so many seconds."""

    calibration = None

    def __init__(self, pass_s: Callable[[float], None], seconds: float) -> None:
        self.pass_s, self.seconds = pass_s, seconds

    def decide(self, _: float) -> Decision:
        """The plan, late."""
        self.pass_s(self.seconds)
        return Decision(LOCAL, 0.01, meets_requirement=True, index=0, reason="is the only one")


def test_what_choosing_a_plan_takes_is_told(scene: Callable[[Plan], Any]) -> None:
    """In an answer, and as the reason where that made it late; a plan that is given is not chosen."""
    made = scene(LOCAL)
    planner: Any = SlowPlanner(made.clock.pass_s, 2.0)
    made.plan_by(planner)
    answer = made.runtime.infer(IMAGE, 0.1)
    assert answer.latency_s == pytest.approx(2.01)
    assert answer.to_json()["decided_ms"] == pytest.approx(2000)
    assert answer.missed == "its plan was chosen in 2000.0 ms"
    assert made.runtime.infer(IMAGE, 5.0).missed is None
    assert made.runtime.infer(IMAGE, 0.1, LOCAL).decided_s == 0
