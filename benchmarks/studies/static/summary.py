"""The figures that the measurements come down to."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np

from benchmarks.studies.static.measure import LinkResult
from benchmarks.studies.static.regret import MeasuredPlan, Regret, regret


@dataclass(frozen=True)
class Cell:
    """One link under one latency requirement.

    Attributes:
        predicted_s, took_s: Medians of the predictions after calibration, and of what these requests took.
        fresh_s: The first prediction.
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
        plans: How many were measured on each link.
        single_error: Median size of the errors of single requests after calibration.
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
    predictions = [prediction for result in results for prediction in result.predictions]
    settled = [prediction for prediction in predictions if prediction.calibrated] or predictions
    return Summary(
        tuple(cells),
        min(len(result.plans) for result in results),
        median(abs(prediction.error) for prediction in settled),
    )


def _cell(result: LinkResult, requirement_s: float) -> Cell:
    predictions = result.predictions_within(requirement_s)
    chosen = predictions[-1].plan
    settled = [
        prediction for prediction in predictions if prediction.calibrated and prediction.plan == chosen
    ] or predictions
    return Cell(
        rate_bps=result.rate_bps,
        latency_requirement_s=requirement_s,
        chosen=next(measured for measured in result.plans if measured.plan == chosen),
        regret=regret(chosen, result.plans, requirement_s),
        predicted_s=median(prediction.predicted_s for prediction in settled),
        took_s=median(prediction.measured_s for prediction in settled),
        fresh_s=predictions[0].predicted_s,
    )


def edge_only_of(results: Sequence[LinkResult], exit_name: str, layers: int) -> list[MeasuredPlan]:
    """Edge-only plans of an exit, whose path has so many layers."""
    measured = [of_plan for result in results for of_plan in result.plans]
    where = (exit_name, layers)
    return [of_plan for of_plan in measured if (of_plan.plan.exit, of_plan.plan.stop) == where]
