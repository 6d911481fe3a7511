"""The measurements: the planner at work under every requirement, and every plan on the same link."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.testbed.rig import KnownLink, Rig
from benchmarks.studies.static.regret import MeasuredPlan
from edgent.planning.plan import Plan

CALIBRATION_REQUESTS = 20
"""After so many requests the predictions should have learnt from residuals."""
_LEAST_REPEATS = 2
_BURST = 4
_SLOW_S = 0.25  # what takes longer does not notice a cold start


@dataclass(frozen=True)
class Prediction:
    """One request whose plan the runtime chose.

    Attributes:
        latency_requirement_s: what was asked for.
        number: of the request on this link, from 0.
        plan: what was chosen.
        predicted_s, measured_s: seconds from input to answer.
    """

    latency_requirement_s: float
    number: int
    plan: Plan
    predicted_s: float
    measured_s: float

    @property
    def calibrated(self) -> bool:
        """Whether enough requests came before it."""
        return self.number >= CALIBRATION_REQUESTS

    @property
    def error(self) -> float:
        """Relative to what was measured, above 0 where the prediction was too long."""
        return self.predicted_s / self.measured_s - 1


@dataclass(frozen=True)
class LinkResult:
    """Everything that was measured at one rate.

    Attributes:
        rate_bps: of the link.
        known: what the runtime had measured of it before the first request.
        predictions: of the runtime's own choices.
        plans: every plan that was measured.
    """

    rate_bps: float
    known: KnownLink
    predictions: tuple[Prediction, ...]
    plans: tuple[MeasuredPlan, ...]

    def chosen(self, latency_requirement_s: float) -> Plan:
        """The runtime's plan for a requirement, after calibration."""
        return [one.plan for one in self.predictions if one.latency_requirement_s == latency_requirement_s][
            -1
        ]


def measure_predictions(
    rig: Rig, requirements_s: Sequence[float], rounds: int, tell: Callable[[float], None]
) -> tuple[KnownLink, tuple[Prediction, ...]]:
    """Open a runtime on the link as it is and let it choose: every round asks once for each requirement."""
    known = rig.open("ours", hedge=False)
    predictions: list[Prediction] = []
    for _ in range(rounds):
        for requirement_s in requirements_s:
            number = len(predictions)
            answer = rig.infer("ours", requirement_s, number)
            predictions.append(
                Prediction(
                    requirement_s,
                    number,
                    Plan.parse(answer["wanted"]),
                    answer["predicted_s"],
                    answer["latency_s"],
                )
            )
            tell(len(predictions) / (rounds * len(requirements_s)))
    return known, tuple(predictions)


def measure_plans(
    rig: Rig,
    plans: Sequence[Plan],
    known: KnownLink,
    repeats: int,
    budget_s: float,
    tell: Callable[[float], None],
) -> tuple[MeasuredPlan, ...]:
    """Answer with every plan in turn, so that whatever disturbs this machine disturbs them alike.

    A steady link's plan runs again and again, so each turn is a burst, whose first request, which finds the
    caches full of the plan before, is not counted.

    Args:
        rig: the link at its rate, the device slow.
        plans: what to do; their heads have workers.
        known: their accuracies.
        repeats: bursts of each at most.
        budget_s: what one plan may take in all; slow ones have fewer bursts, but two at least.
        tell: is given the share done.
    """
    order, shuffle = list(plans), random.Random(0).shuffle  # noqa: S311  an order, no secret
    latency_s: dict[Plan, list[float]] = {plan: [] for plan in plans}
    for number in range(repeats):
        shuffle(order)
        for plan in order:
            spent_s = sum(latency_s[plan])
            if number < _LEAST_REPEATS or spent_s + min(latency_s[plan]) <= budget_s:
                latency_s[plan] += _burst(rig, plan, number * _BURST)
        tell((number + 1) / repeats)
    accuracy = known.candidates.accuracy
    return tuple(
        MeasuredPlan(plan, float(accuracy[known.candidates.index_of(plan)]), tuple(latency_s[plan]))
        for plan in plans
    )


def _burst(rig: Rig, plan: Plan, index: int) -> list[float]:
    """Seconds of some requests one behind the other, without the first; of one where it is slow."""
    first_s: float = rig.run(plan, index)["latency_s"]
    if first_s > _SLOW_S:
        return [first_s]
    return [rig.run(plan, index + turn)["latency_s"] for turn in range(1, _BURST)]


def measure_edge_only(
    rig: Rig, plans: Sequence[Plan], rates_bps: Sequence[float], repeats: int
) -> dict[float, dict[str, MeasuredPlan]]:
    """By rate, then input codec: edge-only plans from a device at full speed, where the link alone counts."""
    found: dict[float, dict[str, MeasuredPlan]] = {}
    for rate_bps in rates_bps:
        rig.set_rate(rate_bps)
        rig.open("ours", hedge=False)  # finds the interface that is quicker on this link
        latency_s: dict[Plan, list[float]] = {plan: [] for plan in plans}
        for number in range(repeats):
            for plan in plans:
                latency_s[plan].append(rig.run(plan, number)["latency_s"])
        found[rate_bps] = {
            plan.input_codec: MeasuredPlan(plan, 1.0, tuple(latency_s[plan])) for plan in plans
        }
    return found
