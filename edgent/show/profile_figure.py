"""Pictures of a profile: predicted against measured, and time and output of every layer of a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from edgent.latency.features import FEATURE_SETS
from edgent.latency.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.profile import NodeProfile
    from edgent.latency.validation import Prediction

_COLOURS = {
    "conv": "#4477aa",
    "fc": "#ee6677",
    "maxpool": "#228833",
    "avgpool": "#66aa55",
    "relu": "#ccbb44",
    "lrn": "#66ccee",
    "residual": "#aa3377",
    "run": "#bbbbbb",
    "path": "#000000",
}
_OTHER = "#997700"
_LEGEND = {"run": "several layers", "path": "whole path"}


def prediction_figure(predictions: Sequence[Prediction]) -> Figure:
    """Predicted against measured time of segments left out of the fit; one panel for each set of features."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    axes = figure.subplots(1, len(FEATURE_SETS), sharex=True, sharey=True)
    times_us = np.array([[one.measured_s * 1e6, max(one.predicted_s * 1e6, 0.1)] for one in predictions])
    bounds = (times_us[:, 0].min() / 1.5, times_us.max() * 1.5)
    for panel, features in zip(axes, FEATURE_SETS, strict=True):
        _scatter(panel, [one for one in predictions if one.features == features], bounds)
        panel.set_title(f"regressors: {features}")
        panel.set_xlabel("measured, µs")
    axes[0].set_ylabel("predicted, µs")
    handles, labels = axes[-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)
    return figure


def _scatter(panel: Axes, predictions: Sequence[Prediction], bounds: tuple[float, float]) -> None:
    panel.plot(bounds, bounds, color="0.5", linewidth=0.8, zorder=1)
    panel.fill_between(
        bounds, np.array(bounds) * 0.8, np.array(bounds) * 1.2, color="0.93", zorder=0, label="within 20 %"
    )
    kinds = sorted({one.kind for one in predictions}, key=lambda kind: (kind != "run", kind == "path", kind))
    for kind in kinds:
        points = [one for one in predictions if one.kind == kind]
        panel.scatter(
            [one.measured_s * 1e6 for one in points],
            [max(one.predicted_s * 1e6, bounds[0]) for one in points],
            s=42 if kind == "path" else 14,
            marker="*" if kind == "path" else "o",
            color=_COLOURS.get(kind, _OTHER),
            label=_LEGEND.get(kind, kind),
            zorder=2,
        )
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlim(*bounds)
    panel.set_ylim(*bounds)


def layer_figure(profile: NodeProfile, graph: BranchyGraph, exit_name: str | None = None) -> Figure:
    """Time and output size of each layer of a path (the paper's Fig. 3); of the deepest exit's by default.

    Raises:
        PlanError: no such exit, or its layers were not measured.
    """
    path = graph.path_of(exit_name or graph.exit_names[-1])
    timings = [
        profile.timing(Place.of(graph, path.index, point, point + 1)) for point in range(len(path.layers))
    ]
    names = [layer.name.rpartition(".")[2] for layer in path.layers]
    figure = Figure(figsize=(max(6.0, 0.5 * len(names)), 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    colours = [_COLOURS.get(layer.kind, _OTHER) for layer in path.layers]
    upper.bar(range(len(names)), [timing.time_s * 1e6 for timing in timings], color=colours)
    upper.set_ylabel("time alone, µs")
    upper.set_title(f"{path.exit_name} on the {profile.node}: time and output of each layer")
    lower.bar(range(len(names)), [layer.output_bytes / 1024 for layer in path.layers], color=colours)
    lower.axhline(path.source.size_bytes / 1024, color="0.3", linestyle="--", linewidth=1)
    lower.annotate(
        f"the input: {path.source.size_bytes:,} bytes",
        (len(names) - 0.5, path.source.size_bytes / 1024),
        ha="right",
        va="bottom",
        fontsize=8,
    )
    lower.set_yscale("log")
    lower.set_ylabel("output as float32, KiB")
    lower.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    for panel in (upper, lower):
        panel.spines[["top", "right"]].set_visible(False)
    return figure
