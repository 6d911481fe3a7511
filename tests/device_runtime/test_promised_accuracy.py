"""What an answer promised is the accuracy of what was done."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.promised_accuracy import promised_accuracy
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = np.zeros((3, 8, 8), np.uint8)


class Table:
    """A cost table of one plan."""

    accuracy = np.array([0.625])

    def __contains__(self, plan: Plan) -> bool:
        return plan == Plan("exit2", 3, codec_down="uint8")

    def index_of(self, plan: Plan) -> int:
        """Its column."""
        return 0


@pytest.mark.parametrize("plan", ["exit1:p0", "exit2:p3", "exit2:p2-p3"])
def test_lossless_plans_promise_what_their_exit_does(scene: Callable[..., Any], plan: str) -> None:
    """Where nothing was profiled, too."""
    made = scene(Plan.device_only("exit1"))
    answer = replace(made.runtime.infer(IMAGE), plan=Plan.parse(plan))
    exits = {exit_.name: exit_.accuracy for exit_ in made.network.spec.exits}

    assert promised_accuracy(made.runtime, answer) == exits[answer.plan.exit]


@pytest.mark.parametrize("plan", ["exit2:p4:uint8", "exit2:p4:webp:float32", "exit2:p4+early"])
def test_what_was_never_measured_is_not_promised(scene: Callable[..., Any], plan: str) -> None:
    """A lossy codec takes from the exit's accuracy, and so do exits before it."""
    made = scene(Plan.device_only("exit1"))

    assert promised_accuracy(made.runtime, replace(made.runtime.infer(IMAGE), plan=Plan.parse(plan))) is None


def test_plans_of_the_table_promise_what_it_says(scene: Callable[..., Any]) -> None:
    """Codecs and windows included."""
    made = scene(Plan.device_only("exit1"))
    answer = replace(made.runtime.infer(IMAGE), plan=Plan("exit2", 3, codec_down="uint8"))
    runtime: Any = SimpleNamespace(
        edges=SimpleNamespace(calibrations=(SimpleNamespace(profiled=Table()),)), network=made.network
    )

    assert promised_accuracy(runtime, answer) == 0.625
