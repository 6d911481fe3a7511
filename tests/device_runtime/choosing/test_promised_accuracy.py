"""Which accuracy an answer was promised to have."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from device_runtime.answer import Answer
from device_runtime.choosing.promised_accuracy import promised_accuracy
from device_runtime.timeline import Timeline
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

DEEP, EARLY = Plan("exit2", 3), Plan("exit2", 3, leaves_early=True)
LOSSY = Plan("exit2", 3, codec_down="uint8")
ANSWER = Answer("1", 1, np.array([0.0, 1.0]), DEEP, DEEP, 0.04, 0.1, Timeline())
MEASURED = {DEEP: 0.9, EARLY: 0.89, LOSSY: 0.88, Plan("exit1", 0): 0.7}


class Profiled:
    """A cost table's part on accuracy."""

    def __init__(self, accuracies: Mapping[Plan, float]) -> None:
        self._plans, self.accuracy = list(accuracies), np.array(list(accuracies.values()))

    def __contains__(self, plan: Plan) -> bool:
        return plan in self._plans

    def index_of(self, plan: Plan) -> int:
        """The column of a plan."""
        return self._plans.index(plan)


def _runtime(accuracies: Mapping[Plan, float] | None) -> Any:
    calibrations = () if accuracies is None else (SimpleNamespace(profiled=Profiled(accuracies)),)
    exits = [SimpleNamespace(name="exit1", accuracy=0.71), SimpleNamespace(name="exit2", accuracy=0.91)]
    spec = SimpleNamespace(exits=exits)
    return SimpleNamespace(
        edges=SimpleNamespace(calibrations=calibrations), network=SimpleNamespace(spec=spec)
    )


def test_it_is_that_of_what_was_done() -> None:
    """Of the codecs that were used, and of the local exit where that answered."""
    runtime = _runtime(MEASURED)
    assert promised_accuracy(runtime, replace(ANSWER, plan=LOSSY)) == 0.88
    assert promised_accuracy(runtime, replace(ANSWER, plan=Plan("exit1", 0))) == 0.7


def test_an_input_that_left_early_is_one_of_its_plan() -> None:
    """An exit that is sure is right more often than in the mean of all inputs, which is what exit1 has."""
    left = replace(ANSWER, plan=Plan("exit1", 2), wanted=EARLY, left_early=True)
    assert promised_accuracy(_runtime(MEASURED), left) == 0.89


def test_without_profiles_the_spec_tells() -> None:
    """Of exits; what a codec costs or leaving early does, it does not say."""
    runtime = _runtime(None)
    assert promised_accuracy(runtime, ANSWER) == 0.91
    assert promised_accuracy(runtime, replace(ANSWER, plan=LOSSY)) is None
    assert promised_accuracy(runtime, replace(ANSWER, plan=EARLY)) is None
