"""How far a chosen plan is from the best of the measured ones, in what the planner maximises."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from edgent.planning.plan import Plan


@dataclass(frozen=True)
class MeasuredPlan:
    """What a plan did on one link.

    Attributes:
        accuracy: Of its exit under its codecs, 0 to 1.
        latency_s: Seconds of each request.
    """

    rate_bps: float
    plan: Plan
    accuracy: float
    latency_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The latency that half of the requests kept to."""
        return statistics.median(self.latency_s)

    def value(self, latency_requirement_s: float) -> float:
        """Accuracy of the answers that came in time: a late answer is worth nothing."""
        in_time = sum(latency_s <= latency_requirement_s for latency_s in self.latency_s)
        return self.accuracy * (in_time / len(self.latency_s))


@dataclass(frozen=True)
class Regret:
    """What a choice gave away.

    Attributes:
        best: the measured plan of the highest value; of equals the fastest.
        value: share of the best plan's value that the chosen one lacks, 0 to 1.
        latency: by how much the chosen plan is slower than the fastest measured plan that is worth as much.
    """

    best: Plan
    value: float
    latency: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.value + self.latency


def regret(chosen: Plan, measured: Sequence[MeasuredPlan], latency_requirement_s: float) -> Regret:
    """The regret of a choice on one link under one requirement.

    The planner wants the most accurate answer in time, and of those the fastest. A plan's value is its
    accuracy times the share of its requests that were in time. Where no plan is ever in time, all are worth
    nothing, and only latency counts.
    """
    own = next(candidate for candidate in measured if candidate.plan == chosen)
    own_value = own.value(latency_requirement_s)
    best = min(measured, key=lambda plan: (-plan.value(latency_requirement_s), plan.median_s))
    highest = best.value(latency_requirement_s)
    as_good = [plan.median_s for plan in measured if plan.value(latency_requirement_s) >= own_value]
    return Regret(
        best=best.plan,
        value=1 - own_value / highest if highest else 0.0,
        latency=own.median_s / min(as_good) - 1 if own_value or not highest else 0.0,
    )
