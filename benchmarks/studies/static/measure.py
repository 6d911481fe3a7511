"""The measurements: the planner at work under every requirement, and every plan on the same link."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.studies.static.regret import MeasuredPlan
from benchmarks.testbed.plan_costs import edge_only_plans, latencies_s, layers_by_exit, plan_costs
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import KnownLink, Rig
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, RAW, Plan

CALIBRATION_REQUESTS = 20
"""After so many requests the predictions should have learnt from residuals."""
OURS = "ours"
_INNER_CODECS = ((RAW, FLOAT32), ("webp", "uint8"), ("jpeg", "uint8"))
_LEAST_REPEATS = 2
_BURST = 4
_SLOW_S = 0.25  # what takes longer does not notice a cold start


@dataclass(frozen=True)
class Prediction:
    """A request whose plan the runtime chose.

    Attributes:
        number: Of the request on this link, from 0.
    """

    rate_bps: float
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
        known: What the runtime had measured of it before the first request.
    """

    rate_bps: float
    known: KnownLink
    predictions: tuple[Prediction, ...]
    plans: tuple[MeasuredPlan, ...]

    def predictions_within(self, latency_requirement_s: float) -> list[Prediction]:
        """The predictions under a requirement, in order."""
        return [
            prediction
            for prediction in self.predictions
            if prediction.latency_requirement_s == latency_requirement_s
        ]


def plans_to_measure(costs: CostTable, rates_bps: Iterable[float], round_trip_s: float) -> list[Plan]:
    """Device-only and edge-only of every exit under every codec, and the rivals among inner cuts.

    Of every exit those inner cuts are taken that are its fastest on one of the links, and the one half way,
    each under three pairs of codecs.
    """
    layers = layers_by_exit(costs)
    by_link = [latencies_s(costs, Link(round_trip_s, rate_bps, rate_bps)) for rate_bps in rates_bps]
    plans = [plan for plan in costs.plans if not plan.remote] + edge_only_plans(costs)
    for exit_name in costs.exits:
        inner = [plan for plan in costs.plans if plan.exit == exit_name and 0 < plan.stop < layers[exit_name]]
        points = {max(plan.stop for plan in inner) // 2 or 1}
        points |= {min(inner, key=latency_s.__getitem__).stop for latency_s in by_link}
        plans += [Plan(exit_name, point, *pair) for point in sorted(points) for pair in _INNER_CODECS]
    known = set(costs.plans)
    return [plan for plan in dict.fromkeys(plans) if plan in known]


@dataclass(frozen=True)
class Effort:
    """How much is measured on every link.

    Attributes:
        rounds: How often the runtime is asked for each requirement.
        repeats: Bursts of each plan at most.
        budget_s: What a plan may take in all; slow plans have fewer bursts, but two at least.
    """

    rounds: int
    repeats: int
    budget_s: float


def measure_links(
    rig: Rig,
    rates_bps: Sequence[float],
    plans: Sequence[Plan],
    requirements_s: Sequence[float],
    effort: Effort,
    tell: Tell,
) -> Iterator[list[LinkResult]]:
    """Let a runtime choose on every link, and do every plan on it; yields all results after each link."""
    results: list[LinkResult] = []
    for rate_bps in rates_bps:
        rig.set_rate(rate_bps)
        tell(f"at {rate_bps / 1e3:,g} kbps", len(results) / len(rates_bps))
        known, predictions = _measure_predictions(rig, rate_bps, requirements_s, effort.rounds)
        chosen = {prediction.plan for prediction in predictions}
        measured = _measure_plans(rig, rate_bps, sorted({*plans, *chosen}, key=str), known, effort)
        results.append(LinkResult(rate_bps, known, predictions, measured))
        yield results


def _measure_predictions(
    rig: Rig, rate_bps: float, requirements_s: Sequence[float], rounds: int
) -> tuple[KnownLink, tuple[Prediction, ...]]:
    """Open a runtime on the link as it is and let it choose: every round asks once for each requirement."""
    known = rig.open(OURS)
    predictions: list[Prediction] = []
    for _ in range(rounds):
        for requirement_s in requirements_s:
            number = len(predictions)
            reply = rig.infer(OURS, number, requirement_s)
            assert reply.predicted_s is not None, "a runtime that plans predicts"
            predictions.append(
                Prediction(rate_bps, requirement_s, number, reply.wanted, reply.predicted_s, reply.latency_s)
            )
    return known, tuple(predictions)


def _measure_plans(
    rig: Rig, rate_bps: float, plans: Sequence[Plan], known: KnownLink, effort: Effort
) -> tuple[MeasuredPlan, ...]:
    """Answer with every plan in turn, so that whatever disturbs this machine disturbs them alike.

    A steady link's plan runs again and again, so each turn is a burst, whose first request, which finds the
    caches full of the plan before, is not counted.
    """
    order, shuffle = list(plans), random.Random(0).shuffle  # noqa: S311  an order, no secret
    latency_s: dict[Plan, list[float]] = {plan: [] for plan in plans}
    for number in range(effort.repeats):
        shuffle(order)
        for plan in order:
            spent_s = sum(latency_s[plan])
            if number < _LEAST_REPEATS or spent_s + min(latency_s[plan]) <= effort.budget_s:
                latency_s[plan] += _burst(rig, plan, number * _BURST)
    return _measured(rate_bps, known, latency_s)


def _burst(rig: Rig, plan: Plan, index: int) -> list[float]:
    """Seconds of a few requests in a row, without the first; of a single request where it is slow."""
    first_s = rig.run(plan, index).latency_s
    if first_s > _SLOW_S:
        return [first_s]
    return [rig.run(plan, index + turn).latency_s for turn in range(1, _BURST)]


def measure_edge_only(rig: Rig, rates_bps: Sequence[float], repeats: int) -> list[MeasuredPlan]:
    """Edge-only plans of the deepest exit from a device at full speed, where the link alone counts."""
    deepest = rig.network.graph.paths[-1]
    codecs = rig.network.input_codecs
    plans = [Plan(deepest.exit_name, len(deepest.layers), codec) for codec in codecs]
    measured: list[MeasuredPlan] = []
    for rate_bps in rates_bps:
        rig.set_rate(rate_bps)
        known = rig.open(OURS)  # keeps the interface that is quicker on this link
        latency_s: dict[Plan, list[float]] = {plan: [] for plan in plans}
        for number in range(repeats):
            for plan in plans:
                latency_s[plan].append(rig.run(plan, number).latency_s)
        measured += _measured(rate_bps, known, latency_s)
    return measured


def _measured(
    rate_bps: float, known: KnownLink, latency_s: Mapping[Plan, Sequence[float]]
) -> tuple[MeasuredPlan, ...]:
    return tuple(
        MeasuredPlan(rate_bps, plan, plan_costs(known.costs, plan).accuracy, tuple(taken_s))
        for plan, taken_s in latency_s.items()
    )
