"""The errors of the regressors as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from edgent.latency.features import FEATURE_SETS
from edgent.latency.validation import errors_by_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.latency.validation import Errors, Prediction


def error_table(predictions: Sequence[Prediction]) -> Table:
    """Cross-validated errors by layer type and of whole paths, for both sets of features."""
    table = Table(
        title="Errors of the regressors on segments left out of the fit: median, 90th percentile, bias"
    )
    table.add_column("segments")
    table.add_column("count", justify="right")
    for features in FEATURE_SETS:
        table.add_column(features, justify="right")
    for kind, errors in errors_by_kind(predictions).items():
        cells = [_errors(errors[features]) if features in errors else "" for features in FEATURE_SETS]
        count = max(of_features.count for of_features in errors.values())
        name = {"run": "several layers", "path": "whole paths"}.get(kind, kind)
        table.add_row(name, str(count), *cells, style="bold" if kind == "path" else "")
    return table


def _errors(errors: Errors) -> str:
    return f"{errors.median:.0%}, {errors.p90:.0%}, {errors.bias:+.0%}"
