"""Figures for links that move, for the distance to the limit, and for load."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.studies.comparison.dynamic import Step
from benchmarks.studies.comparison.limit import LimitRow
from benchmarks.studies.comparison.load import LoadRow
from benchmarks.studies.comparison.results import PART_NAMES
from benchmarks.studies.comparison.static_figures import PLAIN

_POLICY_COLOURS = {
    "device-only": "#7f7f7f",
    "edge-only jpeg": "#3b1f63",
    "static plan": "#2ca02c",
    "paper's Edgent": "#1f77b4",
    "ours": "#d62728",
}
_PART_COLOURS = ("#4c78a8", "#9ecae9", "#54a24b", "#a1d99b", "#f2cf5b", "#e45756", "#b279a2")
PART_LABELS = (
    "compute alone",
    "raw round trip",
    "payload",
    "its packets' headers",
    "HTTP or gRPC",
    "TorchServe's hop, added packets",
    "Python",
)


def dynamic_figure(steps: Sequence[Step]) -> Figure:
    """Distribution functions of throughput, of reward, and of accuracy in time."""
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    panels = figure.subplots(1, 3)
    for name in dict.fromkeys(one.policy for one in steps):
        own = [one for one in steps if one.policy == name]
        for axes, values in zip(
            panels,
            (
                [one.throughput for one in own],
                [one.reward for one in own],
                [100 * one.accuracy if one.in_time else 0.0 for one in own],
            ),
            strict=True,
        ):
            _distribution(axes, values, name)
    panels[0].set(xlabel="throughput, answers/s", ylabel="share of answers with at most this")
    panels[1].set(xlabel="reward: exp(accuracy) + throughput, 0 if late")
    panels[2].set(xlabel="accuracy in time, % (0: late)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncol=5, frameon=False)
    return figure


def _distribution(axes: Axes, values: Sequence[float], name: str) -> None:
    ascending = np.sort(values)
    share = np.arange(1, len(ascending) + 1) / len(ascending)
    width = 2.4 if name == "ours" else 1.5
    axes.step(ascending, share, where="post", color=_POLICY_COLOURS[name], label=name, linewidth=width)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)


def limit_figure(rows: Sequence[LimitRow]) -> Figure:
    """T over T*: a stacked bar for every plan on every link, in multiples of the limit."""
    names = list(dict.fromkeys(row.method for row in rows))
    figure = Figure(figsize=(13, 4.6), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        own = [row for row in rows if row.method == name]
        bottom = np.zeros(len(own))
        for part, colour, label in zip(PART_NAMES, _PART_COLOURS, PART_LABELS, strict=True):
            heights = np.array([getattr(row.parts, part) / row.parts.limit_s for row in own])
            axes.bar(range(len(own)), heights, bottom=bottom, color=colour, label=label, width=0.75)
            bottom += heights
        for place, row in enumerate(own):
            axes.text(place, bottom[place] + 0.03, f"{row.ratio:.2f}", ha="center", fontsize=8)
        axes.axhline(1, color="black", linewidth=0.8)
        axes.set_xticks(range(len(own)), [f"{row.rate_bps / 1e3:g}" for row in own], rotation=45)
        axes.set(xlabel="bandwidth, kbps", title=name)
    panels[0].set_ylim(0, 1.08 * max(row.ratio for row in rows))  # room for the figures above the bars
    panels[0].set_ylabel("T / T*")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncol=7, frameon=False)
    return figure


def load_figure(rows: Sequence[LoadRow]) -> Figure:
    """Throughput, and median and 99th percentile, against the number of devices."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    throughput, latency = figure.subplots(1, 2)
    for size, colour in zip(sorted({row.batch_size for row in rows}), ("#1f77b4", "#d62728"), strict=False):
        own = [row for row in rows if row.batch_size == size]
        devices = [row.devices for row in own]
        label = "no batching" if size == 1 else f"batches of up to {size}"
        throughput.plot(devices, [row.throughput for row in own], "o-", color=colour, label=label)
        latency.plot(devices, [row.p50_s * 1e3 for row in own], "o-", color=colour, label=f"{label}, p50")
        latency.plot(devices, [row.p99_s * 1e3 for row in own], "o--", color=colour, label=f"{label}, p99")
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
