"""The figures that the measurements come down to, and the tables that show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np

from benchmarks.studies.static.measuring import LinkResult
from benchmarks.studies.static.regret import MeasuredPlan, Regret, regret
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Cell:
    """One link under one latency requirement.

    Attributes:
        rate_bps, latency_requirement_s: where.
        chosen: the plan after calibration, as it was measured.
        regret: against the best of the measured plans.
        predicted_s, took_s: medians of the predictions after calibration, and of what these requests took.
        fresh_s: the first prediction.
    """

    rate_bps: float
    latency_requirement_s: float
    chosen: MeasuredPlan
    regret: Regret
    predicted_s: float
    took_s: float
    fresh_s: float

    @property
    def error(self) -> float:
        """Of the prediction after calibration, relative; above 0 where it was too long."""
        return self.predicted_s / self.took_s - 1

    @property
    def fresh_error(self) -> float:
        """Of the first prediction."""
        return self.fresh_s / self.took_s - 1


@dataclass(frozen=True)
class Summary:
    """What is asked of static networks.

    Attributes:
        cells: every link under every requirement.
        plans: how many were measured on each link.
        single_error: median size of the errors of single requests after calibration.
    """

    cells: tuple[Cell, ...]
    plans: int
    single_error: float

    @property
    def fresh_error(self) -> float:
        """Median size over the cells, before calibration."""
        return median(abs(cell.fresh_error) for cell in self.cells)

    @property
    def calibrated_error(self) -> float:
        """Median size over the cells, after calibration."""
        return median(abs(cell.error) for cell in self.cells)

    @property
    def mean_regret(self) -> float:
        """Of all cells."""
        return mean(cell.regret.total for cell in self.cells)

    @property
    def p95_regret(self) -> float:
        """95 % of the cells have no more."""
        return float(np.percentile([cell.regret.total for cell in self.cells], 95))


def summarise(results: Sequence[LinkResult], requirements_s: Sequence[float]) -> Summary:
    """All cells, and what they come down to."""
    cells = [_cell(result, requirement_s) for result in results for requirement_s in requirements_s]
    predictions = [one for result in results for one in result.predictions]
    calibrated = [one for one in predictions if one.calibrated] or predictions
    return Summary(
        tuple(cells), min(len(one.plans) for one in results), median(abs(one.error) for one in calibrated)
    )


def _cell(result: LinkResult, requirement_s: float) -> Cell:
    own = [one for one in result.predictions if one.latency_requirement_s == requirement_s]
    chosen = result.chosen(requirement_s)
    calibrated = [one for one in own if one.calibrated and one.plan == chosen] or own
    by_plan = {one.plan: one for one in result.plans}
    return Cell(
        rate_bps=result.rate_bps,
        latency_requirement_s=requirement_s,
        chosen=by_plan[chosen],
        regret=regret(chosen, result.plans, requirement_s),
        predicted_s=median(one.predicted_s for one in calibrated),
        took_s=median(one.measured_s for one in calibrated),
        fresh_s=own[0].predicted_s,
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
