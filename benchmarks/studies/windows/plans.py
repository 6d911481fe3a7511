"""What is chosen for another objective and under a placement, and whether its times come true."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.studies.windows.plan_parts import PlanParts
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig
from benchmarks.testbed.trial import write_changed
from edgent.planning.plan import Plan
from edgent.spec import Pipeline, read_spec

SLOWDOWN = 20.0
_LEARNING_REQUESTS = 20
_LEAST_ACCURACY = 0.9  # that of the deepest exit, with jpeg too, and of no other


@dataclass(frozen=True)
class Wish:
    """What a spec asks for.

    Attributes:
        name: For people.
        spec: The file.
    """

    name: str
    spec: Path


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        rates_bps: Links.
        requirements_s: Latency requirements on each of them.
        requests: How many of each are counted.
    """

    rates_bps: Sequence[float]
    requirements_s: Sequence[float]
    requests: int


@dataclass(frozen=True)
class Chosen:
    """A plan that was chosen on a link, and what it took; then a runtime that chose by itself.

    Attributes:
        predicted_s: From the profiles of both nodes and the link as it was measured at first.
        measured_s: What the plan took, request by request.
        parts: Of the prediction, then of what was measured.
        calibrated: What the runtime predicted of each of its latest requests over what it took.
    """

    wish: str
    rate_bps: float
    latency_requirement_s: float
    plan: Plan
    predicted_s: float
    measured_s: tuple[float, ...]
    parts: tuple[PlanParts, PlanParts]
    calibrated: tuple[float, ...]

    @property
    def is_inner(self) -> bool:
        """Whether the device runs layers before the edge does."""
        return self.plan.start > 0

    @property
    def error(self) -> float:
        """Of the prediction, relative to the median of what was measured."""
        return self.predicted_s / median(self.measured_s) - 1

    @property
    def calibrated_error(self) -> float:
        """The median of the runtime's, once it has learnt; not a number where it answered by other plans."""
        return median(self.calibrated) - 1 if self.calibrated else math.nan


def wishes(pipeline: Pipeline, effort: Effort) -> list[Wish]:
    """Specs that give windows something to do: the least of the edge's time, and an input that stays.

    Without a floor the least of the edge's time is none: a shallow exit on the device.
    """
    links = {
        "bandwidth_kbps": [min(effort.rates_bps) / 1e3, max(effort.rates_bps) / 1e3],
        "latency_requirements_ms": [1e3 * requirement_s for requirement_s in effort.requirements_s],
    }
    sections: dict[str, dict[str, Any]] = {
        "edge_seconds": {"objective": "edge_seconds", "least_accuracy": _LEAST_ACCURACY},
        "input_stays": {"placement": {"input_stays": True}},
    }
    return [
        Wish(name, _written(pipeline, name, {"windows": True, "range": links, **section}))
        for name, section in sections.items()
    ]


def _written(pipeline: Pipeline, name: str, sections: dict[str, Any]) -> Path:
    return write_changed(pipeline, pipeline.file.with_name(f"{name}.yaml"), **sections)


def measure_plans(rig: Rig, asked_for: Sequence[Wish], effort: Effort, tell: Tell) -> Iterator[Chosen]:
    """Choose a plan for every wish, link and requirement, and do it.

    Args:
        rig: Serves the pipeline's endpoint; its device is slow.
        asked_for: The wishes.
        effort: How much is measured.
        tell: Is told of the progress.
    """
    for number, rate_bps in enumerate(effort.rates_bps):
        rig.set_rate(rate_bps)
        for turn, wish in enumerate(asked_for):
            share = (number + turn / len(asked_for)) / len(effort.rates_bps)
            tell(f"{wish.name} at {rate_bps / 1e6:g} Mbps", share)
            known, objective = rig.open(wish.name, wish.spec), read_spec(wish.spec).plans_for
            for requirement_s in effort.requirements_s:
                decision = objective.search(known.costs, known.link, requirement_s)
                replies = _run(rig, decision.plan, effort.requests)
                predicted = PlanParts.predicted(known.costs.parts(known.link, decision.index))
                calibrated = _ask(rig, wish.name, requirement_s, effort.requests)
                yield Chosen(
                    wish.name,
                    rate_bps,
                    requirement_s,
                    decision.plan,
                    decision.latency_s,
                    tuple(reply.latency_s for reply in replies),
                    (predicted, PlanParts.measured(replies)),
                    calibrated,
                )


def _run(rig: Rig, plan: Plan, count: int) -> list[Reply]:
    """Answers by a plan, once its layers are loaded on both nodes."""
    rig.wake(plan)
    return [rig.run(plan, number) for number in range(count)]


def _ask(rig: Rig, name: str, requirement_s: float, count: int) -> tuple[float, ...]:
    """Let a runtime choose: what it predicts of its latest requests over what they take."""
    ratios: list[float] = []
    for number in range(_LEARNING_REQUESTS + count):
        reply = rig.infer(name, number, requirement_s)
        assert reply.predicted_s is not None, "a runtime that plans predicts"
        if reply.plan == reply.wanted:
            ratios.append(reply.predicted_s / reply.latency_s)
    return tuple(ratios[-count:])
