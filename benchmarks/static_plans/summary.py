"""The figures that the measurements come down to, and the tables that show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np

from benchmarks.static_plans.measuring import LinkResult
from benchmarks.static_plans.regret import MeasuredPlan, Regret, regret
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Cell:
    """One link under one latency requirement.

    Attributes:
        rate_bps, latency_requirement_s: where.
        chosen: the plan after calibration, as it was measured.
        regret: against the best of the measured plans.
        fresh_error: of the first prediction, relative; calibrated_error: median size after calibration.
        predicted_s: the median prediction after calibration.
    """

    rate_bps: float
    latency_requirement_s: float
    chosen: MeasuredPlan
    regret: Regret
    fresh_error: float
    calibrated_error: float
    predicted_s: float


@dataclass(frozen=True)
class Summary:
    """What is asked of static networks."""

    cells: tuple[Cell, ...]
    plans: int
    fresh_error: float
    calibrated_error: float

    @property
    def mean_regret(self) -> float:
        """Of all cells."""
        return mean(cell.regret.total for cell in self.cells)

    @property
    def p95_regret(self) -> float:
        """95 % of the cells have no more."""
        return float(np.percentile([cell.regret.total for cell in self.cells], 95))


def summarise(results: Sequence[LinkResult], requirements_s: Sequence[float]) -> Summary:
    """All cells, and the errors over all of them: medians of the sizes of single predictions' errors."""
    cells = [_cell(result, requirement_s) for result in results for requirement_s in requirements_s]
    predictions = [one for result in results for one in result.predictions]
    fresh = [abs(one.error) for one in predictions if one.number < len(requirements_s)]
    calibrated = [abs(one.error) for one in predictions if one.calibrated] or fresh
    return Summary(tuple(cells), min(len(one.plans) for one in results), median(fresh), median(calibrated))


def _cell(result: LinkResult, requirement_s: float) -> Cell:
    own = [one for one in result.predictions if one.latency_requirement_s == requirement_s]
    calibrated = [one for one in own if one.calibrated] or own
    chosen = result.chosen(requirement_s)
    by_plan = {one.plan: one for one in result.plans}
    return Cell(
        rate_bps=result.rate_bps,
        latency_requirement_s=requirement_s,
        chosen=by_plan[chosen],
        regret=regret(chosen, result.plans, requirement_s),
        fresh_error=own[0].error,
        calibrated_error=median(abs(one.error) for one in calibrated),
        predicted_s=median(one.predicted_s for one in calibrated),
    )


def edge_only_latencies(
    results: Sequence[LinkResult], exit_name: str, points: int
) -> dict[float, dict[str, MeasuredPlan]]:
    """By rate, then input codec: edge-only of one exit, whose path has so many layers."""
    return {
        result.rate_bps: {
            one.plan.input_codec: one
            for one in result.plans
            if one.plan == Plan(exit_name, points, one.plan.input_codec)
        }
        for result in results
    }
