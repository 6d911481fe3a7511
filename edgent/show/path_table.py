"""The whole path of each exit on a node, as a table: measured, and what the regressors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from edgent.errors import PlanError
from edgent.latency.features import segment_features
from edgent.latency.places import Place

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.profile import NodeProfile

LEAST_FIRST = ("runs", "95 % stay under")
"""Headings of the columns that a narrow terminal can do without."""


def path_table(profile: NodeProfile, graph: BranchyGraph) -> Table:
    """Each exit's whole path on the node: measured, its 95th percentile, and what the regressors say."""
    source = "predicted" if profile.predicted_from else "measured"
    machine = profile.made_by.machine.get("cpu", "unknown processor")
    table = Table(title=f"Whole paths on the {profile.node}, ms ({machine}, {profile.threads} thread)")
    for heading in ("exit", source, "95 % stay under", "runs", *profile.regressors):
        table.add_column(heading, justify="left" if heading == "exit" else "right", no_wrap=True)
    for path in graph.paths:
        timing = profile.timing(Place.of(graph, path.index, 0, len(path.layers)))
        table.add_row(
            path.exit_name,
            f"{timing.time_s * 1e3:.3f}",
            f"{timing.p95_s * 1e3:.3f}",
            str(timing.runs),
            *(_predicted(profile, graph, path.exit_name, features) for features in profile.regressors),
        )
    return table


def _predicted(profile: NodeProfile, graph: BranchyGraph, exit_name: str, features: str) -> str:
    path = graph.path_of(exit_name)
    try:
        time_s = profile.regressors_of(features).predict_s(segment_features(path, 0, len(path.layers)))
    except PlanError:
        return "no regressor"
    return f"{time_s * 1e3:.3f}"
