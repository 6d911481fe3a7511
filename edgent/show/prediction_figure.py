"""The regressors as a figure: predicted against measured times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from edgent.latency.features import FEATURE_SETS
from edgent.show.kind_colours import KIND_COLOURS, OTHER_COLOUR
from edgent.show.plain_ticks import plain_log_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from edgent.latency.validation import Prediction

_LEGEND = {"run": "several layers", "path": "whole path"}


def prediction_figure(predictions: Sequence[Prediction]) -> Figure:
    """Predicted against measured time of segments left out of the fit; one panel for each set of features."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    axes = figure.subplots(1, len(FEATURE_SETS), sharex=True, sharey=True)
    measured_us = 1e6 * np.array([segment.measured_s for segment in predictions])
    predicted_us = 1e6 * np.array([segment.predicted_s for segment in predictions])
    bounds = (measured_us.min() / 1.5, max(measured_us.max(), predicted_us.max()) * 1.5)
    for panel, features in zip(axes, FEATURE_SETS, strict=True):
        _scatter(panel, [segment for segment in predictions if segment.features == features], bounds)
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
    kinds = {segment.kind for segment in predictions}
    for kind in sorted(kinds, key=lambda kind: (kind != "run", kind == "path", kind)):
        points = [segment for segment in predictions if segment.kind == kind]
        panel.scatter(
            [point.measured_s * 1e6 for point in points],
            [max(point.predicted_s * 1e6, bounds[0]) for point in points],
            s=42 if kind == "path" else 14,
            marker="*" if kind == "path" else "o",
            color=KIND_COLOURS.get(kind, OTHER_COLOUR),
            label=_LEGEND.get(kind, kind),
            zorder=2,
        )
    panel.set_xscale("log")
    panel.set_yscale("log")
    for axis in (panel.xaxis, panel.yaxis):
        plain_log_ticks(axis)
    panel.set_xlim(*bounds)
    panel.set_ylim(*bounds)
