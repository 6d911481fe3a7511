"""What profiling and fitting found, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from edgent.errors import PlanError
from edgent.latency.features import FEATURE_SETS, segment_features
from edgent.latency.places import Place
from edgent.latency.validation import errors_by_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.profile import NodeProfile
    from edgent.latency.validation import Errors, Prediction


def path_table(profile: NodeProfile, graph: BranchyGraph) -> Table:
    """Each exit's whole path on the node: measured, its 95th percentile, and what the regressors say."""
    source = "predicted" if profile.predicted_from else "measured"
    machine = profile.made_by.machine.get("cpu", "unknown processor")
    table = Table(title=f"Whole paths on the {profile.node}, ms ({machine}, {profile.threads} thread)")
    for heading in ("exit", source, "95 % stay under", "runs", *profile.regressors):
        table.add_column(heading, justify="left" if heading == "exit" else "right")
    for path in graph.paths:
        timing = profile.timing(Place(path.exit_name, 0, len(path.layers)))
        table.add_row(
            path.exit_name,
            f"{timing.time_s * 1e3:.3f}",
            f"{timing.p95_s * 1e3:.3f}",
            str(timing.runs),
            *(_predicted(profile, graph, path.exit_name, features) for features in profile.regressors),
        )
    return table


def codec_table(profile: NodeProfile) -> Table:
    """Bytes and microseconds of every codec: of the input, and over all cuts."""
    verbs = ("write", "read") if profile.node == "device" else ("read", "write")
    table = Table(title=f"Codecs on the {profile.node}")
    for heading in ("tensor", "codec", "frame, bytes", "95 % stay under", "µs", "this node"):
        table.add_column(heading, justify="right" if heading not in {"tensor", "codec"} else "left")
    groups = {(row.partition_point > 0, row.codec): None for row in profile.codecs}
    for behind, codec in groups:
        rows = [row for row in profile.codecs if (row.partition_point > 0, row.codec) == (behind, codec)]
        table.add_row(
            "activation" if behind else "input",
            codec,
            _range([row.size_bytes for row in rows], ",.0f"),
            _range([row.size_p95_bytes for row in rows], ",.0f"),
            _range([row.timing.time_s * 1e6 for row in rows], ",.0f"),
            f"{verbs[behind]}s",
        )
    return table


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
        count = max(one.count for one in errors.values())
        name = {"run": "several layers", "path": "whole paths"}.get(kind, kind)
        table.add_row(name, str(count), *cells, style="bold" if kind == "path" else "")
    return table


def _errors(errors: Errors) -> str:
    return f"{errors.median:.0%}, {errors.p90:.0%}, {errors.bias:+.0%}"


def _predicted(profile: NodeProfile, graph: BranchyGraph, exit_name: str, features: str) -> str:
    path = graph.path_of(exit_name)
    try:
        time_s = profile.regressors_of(features).predict_s(segment_features(path, 0, len(path.layers)))
    except PlanError:
        return "no regressor"
    return f"{time_s * 1e3:.3f}"


def _range(values: Iterable[float], form: str) -> str:
    """One value, or the least and the greatest of several."""
    array = np.array(list(values))
    low, high = format(array.min(), form), format(array.max(), form)
    return low if low == high else f"{low} to {high}"
