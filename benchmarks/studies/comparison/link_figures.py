"""The paper's figures for static links."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from benchmarks.studies.comparison.methods import OURS, PAPER
from benchmarks.studies.comparison.results import Results
from benchmarks.studies.palette import BLUE, GREEN, GREY, ORANGE, VERMILION
from benchmarks.studies.study import PLAIN

COLOURS = {
    "device-only": GREY,
    "edge-only float32": "#c6a0d8",
    "edge-only raw": "#9467bd",
    "edge-only webp": "#6a3d9a",
    "edge-only jpeg": "#3b1f63",
    "partition-only": GREEN,
    "static plan": GREEN,
    "right-sizing-only": ORANGE,
    PAPER: BLUE,
    OURS: VERMILION,
}
_NO_PLAN = 0.1
"""What a method without a plan is drawn as: a short bar below zero."""


def latency_figure(results: Results) -> Figure:
    """Latency against bandwidth, a panel for each of three requirements."""
    wanted = results.requirements_s
    chosen = [wanted[0], wanted[len(wanted) // 2], wanted[-1]] if len(wanted) > 2 else wanted
    figure = Figure(figsize=(13, 4.6), layout="constrained")
    panels = figure.subplots(1, len(chosen), sharey=True, squeeze=False)[0]
    for axes, requirement_s in zip(panels, chosen, strict=True):
        for method in results.methods:
            medians = [results.outcome(rate, requirement_s, method).median_s for rate in results.rates_bps]
            axes.plot(
                [rate / 1e3 for rate in results.rates_bps],
                [None if median_s is None else median_s * 1e3 for median_s in medians],
                marker="o",
                markersize=3.5,
                linewidth=2.4 if method == OURS else 1.3,
                zorder=3 if method == OURS else 2,
                color=COLOURS[method],
                label=method,
            )
        axes.axhline(requirement_s * 1e3, color="black", linestyle=":", linewidth=1)
        axes.set(xscale="log", yscale="log", xlabel="bandwidth, kbps")
        axes.set_title(f"within {requirement_s * 1e3:g} ms (dotted)")
        _tidy(axes, [rate / 1e3 for rate in results.rates_bps])
    panels[0].set_ylabel("median latency, ms")
    panels[0].yaxis.set_major_formatter(PLAIN)
    legend_below(figure, panels[0], columns=5)
    return figure


def selection_figure(results: Results) -> Figure:
    """Selected exit and partition point: against bandwidth, and against the requirement."""
    figure = Figure(figsize=(11, 6.5), layout="constrained")
    panels = figure.subplots(2, 2)
    requirement_s = results.requirements_s[len(results.requirements_s) // 2]
    rate_bps = min(results.rates_bps, key=lambda rate: abs(rate - 500e3))
    by_rate = [(rate, requirement_s) for rate in results.rates_bps]
    by_requirement = [(rate_bps, each_s) for each_s in results.requirements_s]
    columns = (
        (by_rate, [rate / 1e3 for rate in results.rates_bps], "bandwidth, kbps"),
        (by_requirement, [each_s * 1e3 for each_s in results.requirements_s], "latency requirement, ms"),
    )
    titles = (f"within {requirement_s * 1e3:g} ms", f"at {rate_bps / 1e3:g} kbps")
    for column, ((cells, places, label), title) in enumerate(zip(columns, titles, strict=True)):
        for row, what in enumerate(("exit", "share of the path on the edge, %")):
            axes = panels[row][column]
            for method, style in ((PAPER, "--"), (OURS, "-")):
                values = [_selected(results, *cell, method)[row] for cell in cells]
                axes.plot(places, values, style, marker="o", color=COLOURS[method], label=method)
            axes.set(xscale="log", xlabel=label, ylabel=what)
            _tidy(axes, places)
        panels[0][column].set_title(title)
        panels[0][column].set_yticks(range(1, len(results.paths) + 1))
    panels[0][0].legend(frameon=False)
    return figure


def _selected(
    results: Results, rate_bps: float, requirement_s: float, method: str
) -> tuple[float | None, float | None]:
    """Number of the exit, and percent of its path on the edge; None where the method has no plan."""
    plan = results.outcome(rate_bps, requirement_s, method).plan
    if plan is None:
        return None, None
    number, layers = results.paths[plan.exit]
    return number, 100 * plan.stop / layers


def accuracy_figure(results: Results) -> Figure:
    """Accuracy by method and requirement; what is late lies below zero, as in the paper."""
    rates = [min(results.rates_bps, key=lambda rate: abs(rate - wanted)) for wanted in (50e3, 500e3)]
    figure = Figure(figsize=(12, 7), layout="constrained")
    panels = figure.subplots(len(rates), 1, sharex=True)
    width = 0.9 / len(results.methods)
    for axes, rate_bps in zip(panels, rates, strict=True):
        for place, method in enumerate(results.methods):
            heights = [_bar(results, rate_bps, each_s, method) for each_s in results.requirements_s]
            offsets = np.arange(len(heights)) + (place - (len(results.methods) - 1) / 2) * width
            axes.bar(offsets, heights, width, color=COLOURS[method], label=method)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_ylabel("accuracy in time, %\n(below zero: late)")
        axes.set_title(f"at {rate_bps / 1e3:g} kbps")
        axes.grid(axis="y", alpha=0.3)
    names = [f"{each_s * 1e3:g}" for each_s in results.requirements_s]
    panels[-1].set_xticks(range(len(names)), names)
    panels[-1].set_xlabel("latency requirement, ms")
    legend_below(figure, panels[0], columns=5)
    return figure


def _bar(results: Results, rate_bps: float, requirement_s: float, method: str) -> float:
    """Accuracy in percent where at least half of the answers are in time, else what was missed, negative."""
    outcome = results.outcome(rate_bps, requirement_s, method)
    if outcome.late_share <= 0.5:
        return 100 * outcome.accuracy_in_time
    return -100 * max((answer.accuracy for answer in outcome.answers), default=_NO_PLAN)


def legend_below(figure: Figure, axes: Axes, columns: int) -> None:
    """A legend below all panels, with the labels of one of them; see `legend_that_fits`."""
    handles, labels = axes.get_legend_handles_labels()
    legend_that_fits(figure, handles, labels, columns)


def legend_that_fits(
    figure: Figure, handles: Sequence[Artist], labels: Sequence[str], columns: int
) -> Legend:
    """A legend below all panels, with fewer columns where the figure is too narrow for so many."""
    place: Final = "outside lower center"
    legend = figure.legend(handles, labels, loc=place, ncols=columns, frameon=False)
    while columns > 1 and legend.get_window_extent().width > figure.bbox.width:
        legend.remove()
        columns -= 1
        legend = figure.legend(handles, labels, loc=place, ncols=columns, frameon=False)
    return legend


def _tidy(axes: Axes, places: Sequence[float]) -> None:
    axes.set_xticks(places)
    axes.xaxis.set_major_formatter(PLAIN)
    axes.minorticks_off()
    axes.tick_params(axis="x", rotation=45)
    axes.grid(alpha=0.3)
