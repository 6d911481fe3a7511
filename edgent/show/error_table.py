"""The errors of the regressors as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from edgent.latency.features import FEATURE_SETS
from edgent.latency.validation import Errors, by_kind, calibrated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.latency.validation import Prediction

ERROR_HEADS = ("count", "median", "p90", "bias", "within 5 %", "10 %", "calibrated 5 %", "10 %")
"""Of what `error_cells` gives."""
LEAST_OF_ERRORS = ("10 %", "count", "calibrated 5 %", "bias", "p90")
"""Headings of the columns that a narrow terminal can do without."""


def error_table(predictions: Sequence[Prediction]) -> Table:
    """Cross-validated errors by layer type and of whole paths, for both sets of features."""
    table = Table(title="Errors of the regressors on segments left out of the fit")
    for heading in ("segments", "regressors"):
        table.add_column(heading, overflow="fold")
    for heading in ERROR_HEADS:
        table.add_column(heading, justify="right", no_wrap=True)
    after = {
        features: by_kind(calibrated([one for one in predictions if one.features == features]))
        for features in FEATURE_SETS
    }
    for kind, of_kind in by_kind(predictions).items():
        name = {"run": "several layers", "path": "whole paths"}.get(kind, kind)
        for features in FEATURE_SETS:
            before = [prediction for prediction in of_kind if prediction.features == features]
            if before:
                cells = error_cells(before, after[features][kind])
                table.add_row(name, features, *cells, style="bold" if kind == "path" else "")
    return table


def error_cells(before: Sequence[Prediction], after: Sequence[Prediction]) -> list[str]:
    """Some predictions' errors as text, and how many are small before and after calibration."""
    errors, learnt = Errors.of(before), Errors.of(after)
    return [
        str(errors.count),
        *(f"{share:.0%}" for share in (errors.median, errors.p90)),
        f"{errors.bias:+.0%}",
        *(f"{share:.0%}" for share in (errors.within_5, errors.within_10)),
        *(f"{share:.0%}" for share in (learnt.within_5, learnt.within_10)),
    ]
