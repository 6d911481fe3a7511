"""Figures for links that move, for the distance to the limit, and for load."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.studies.comparison.answered import Answered
from benchmarks.studies.comparison.limit import PART_NAMES, LimitRow
from benchmarks.studies.comparison.link_figures import COLOURS, legend_below
from benchmarks.studies.comparison.load import LoadRow
from benchmarks.studies.comparison.methods import OURS
from benchmarks.studies.comparison.tables import PART_LABELS
from benchmarks.studies.palette import BLUE, GREY, LIGHT_GREY, PURPLE, SKY, VERMILION, YELLOW
from benchmarks.studies.study import PLAIN

_PART_COLOURS = (BLUE, SKY, GREY, LIGHT_GREY, YELLOW, VERMILION, PURPLE)

LIMIT_READING = (
    "What is below the line is the limit, in its parts; what is above it is added. The figures are T / T*."
)
"""How `limit_figure` is read."""


def dynamic_figure(replayed: Sequence[Answered]) -> Figure:
    """Distribution functions of throughput, of reward, and of accuracy in time."""
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    panels = figure.subplots(1, 3)
    for policy in dict.fromkeys(answer.method for answer in replayed):
        answers = [answer for answer in replayed if answer.method == policy]
        quantities = (
            [answer.throughput for answer in answers],
            [answer.reward for answer in answers],
            [100 * answer.accuracy_in_time for answer in answers],
        )
        for axes, values in zip(panels, quantities, strict=True):
            _distribution(axes, values, policy)
    panels[0].set(xlabel="throughput, answers/s", ylabel="share of answers with at most this")
    panels[1].set(xlabel="reward: exp(accuracy) + throughput, 0 if late")
    panels[2].set(xlabel="accuracy in time, % (0: late)")
    legend_below(figure, panels[0], columns=5)
    return figure


def _distribution(axes: Axes, values: Sequence[float], name: str) -> None:
    ascending = np.sort(values)
    share = np.arange(1, len(ascending) + 1) / len(ascending)
    width = 2.4 if name == OURS else 1.5
    axes.step(ascending, share, where="post", color=COLOURS[name], label=name, linewidth=width)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)


def limit_figure(rows: Sequence[LimitRow]) -> Figure:
    """T over T*: a stacked bar for every plan on every link, in multiples of the limit."""
    names = list(dict.fromkeys(row.method for row in rows))
    figure = Figure(figsize=(13, 4.6), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        of_method = [row for row in rows if row.method == name]
        bottom = np.zeros(len(of_method))
        for part, colour, label in zip(PART_NAMES, _PART_COLOURS, PART_LABELS, strict=True):
            heights = np.array([getattr(row.parts, part) / row.parts.limit_s for row in of_method])
            axes.bar(range(len(of_method)), heights, bottom=bottom, color=colour, label=label, width=0.75)
            bottom += heights
        for place, row in enumerate(of_method):
            axes.text(place, bottom[place] + 0.03, f"{row.ratio:.2f}", ha="center", fontsize=8)
        axes.axhline(1, color="black", linewidth=0.8)
        axes.set_xticks(range(len(of_method)), [f"{row.rate_bps / 1e3:,g}" for row in of_method], rotation=45)
        axes.set(xlabel="bandwidth, kbps", title=name)
    panels[0].set_ylim(0, 1.08 * max(row.ratio for row in rows))  # room for the figures above the bars
    panels[0].set_ylabel("T / T*, in multiples of the limit")
    legend_below(figure, panels[0], columns=7)
    return figure


def load_figure(rows: Sequence[LoadRow]) -> Figure:
    """Throughput, and median and 99th percentile, against the number of devices."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    throughput, latency = figure.subplots(1, 2)
    for size, colour in zip(sorted({row.batch_size for row in rows}), (BLUE, VERMILION), strict=False):
        of_size = [row for row in rows if row.batch_size == size]
        devices = [row.devices for row in of_size]
        label = "no batching" if size == 1 else f"batches of up to {size}"
        throughput.plot(devices, [row.throughput for row in of_size], "o-", color=colour, label=label)
        for name, style, seconds in (
            ("p50", "o-", [row.p50_s for row in of_size]),
            ("p99", "o--", [row.p99_s for row in of_size]),
        ):
            ms = [None if each_s is None else each_s * 1e3 for each_s in seconds]
            latency.plot(devices, ms, style, color=colour, label=f"{label}, {name}")
    throughput.set(ylabel="answers/s", ylim=(0, None))
    latency.set(ylabel="latency, ms", yscale="log")
    latency.yaxis.set_major_formatter(PLAIN)
    for axes in (throughput, latency):
        axes.set(xlabel="devices", xscale="log")
        axes.set_xticks([row.devices for row in rows], [str(row.devices) for row in rows])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    return figure
