"""Plans as pictures: what is chosen over bandwidth and requirement, and what that does to latency.

For one pipeline, what the paper's Fig. 2 and Fig. 8 show for theirs.
"""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogFormatter

from edgent.planning.cost_table import BoolArray, CostTable, IntArray
from edgent.planning.costs import FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.show.units import milliseconds

_CELLS = 80
_STEPS = 400  # along a line
_LATE = "0.85"

Search = Callable[[CostTable, Link, float], Decision | None]


def plan_figure(
    candidates: CostTable,
    bandwidths_bps: tuple[float, float],
    longest_requirement_s: float,
    latency_requirement_s: float,
    round_trip_s: float,
    search: Search = exit_search,
) -> Figure:
    """Exit and partition point over bandwidth and requirement, and latency against bandwidth.

    Args:
        candidates: what there is to choose from.
        bandwidths_bps: from and to, the same in both directions.
        longest_requirement_s: upper end of the requirements drawn; the lower is below what any plan takes.
        latency_requirement_s: for which latency is drawn against bandwidth.
        round_trip_s: of the link.
        search: Algorithm 1, ours or the paper's.
    """
    links = _links(bandwidths_bps, round_trip_s, _CELLS)
    shortest_s = 0.6 * float(candidates.latency_s(links[-1]).min())
    requirements_s = np.geomspace(shortest_s, max(longest_requirement_s, 2 * shortest_s), _CELLS)
    chosen = np.array(
        [[_index(search(candidates, link, float(needed_s))) for link in links] for needed_s in requirements_s]
    )
    figure = Figure(figsize=(11, 9.5), layout="constrained")
    panels = figure.subplot_mosaic([["exit", "cut"], ["latency", "latency"]])
    grid = (np.array([link.upload_bps for link in links]) / 1e3, 1e3 * requirements_s)
    colours = _exit_colours(len(candidates.exits))
    _map(panels["exit"], grid, *_exits(candidates, chosen, colours))
    _map(panels["cut"], grid, *_cuts(candidates, chosen))
    panels["exit"].set(title="Exit", ylabel="latency requirement (ms)")
    panels["cut"].set(title="Partition point")
    for name in ("exit", "cut"):
        panels[name].axhline(1e3 * latency_requirement_s, color="black", linestyle=":", linewidth=1)
    links = _links(bandwidths_bps, round_trip_s, _STEPS)
    _latency_panel(panels["latency"], candidates, links, latency_requirement_s, search, colours)
    return figure


def _links(bandwidths_bps: tuple[float, float], round_trip_s: float, count: int) -> list[Link]:
    return [Link(round_trip_s, float(bps), float(bps)) for bps in np.geomspace(*bandwidths_bps, count)]


def _index(decision: Decision | None) -> int:
    return decision.index if decision is not None and decision.meets_requirement else -1


def _exit_colours(count: int) -> list[str]:
    """Light for shallow exits, dark for deep ones."""
    return [to_hex(colormaps["viridis"](0.9 - 0.75 * j / max(count - 1, 1))) for j in range(count)]


def _exits(candidates: CostTable, chosen: IntArray, colours: Sequence[str]) -> tuple[IntArray, list[Patch]]:
    """The exit of each cell, as a place in the legend; -1 where there is none."""
    masks = [(name, colours[j], candidates.exit_index == j) for j, name in enumerate(candidates.exits)]
    return _places(chosen, masks)


def _cuts(candidates: CostTable, chosen: IntArray) -> tuple[IntArray, list[Patch]]:
    """The cut of each cell, as a place in the legend: device-only, inner points rising, edge-only."""
    inner = candidates.remote & ~candidates.edge_only
    present = chosen[chosen >= 0]
    points = np.unique(candidates.partition_point[present][inner[present]])
    shades = [to_hex(colour) for colour in colormaps["YlOrBr"](np.linspace(0.25, 0.8, max(len(points), 1)))]
    masks = [
        ("device-only (p = 0)", "#4477aa", ~candidates.remote),
        *(
            (f"cut at p = {point}", shade, inner & (candidates.partition_point == point))
            for point, shade in zip(points, shades, strict=False)
        ),
        ("edge-only (the whole path)", "#117733", candidates.edge_only),
    ]
    return _places(chosen, masks)


def _places(chosen: IntArray, masks: Sequence[tuple[str, str, BoolArray]]) -> tuple[IntArray, list[Patch]]:
    """Which of some named masks each cell's candidate is in, and a legend of those that occur."""
    present = chosen[chosen >= 0]
    place = np.full(chosen.shape, -1)
    patches: list[Patch] = []
    for name, colour, mask in masks:
        if mask[present].any():
            place[(chosen >= 0) & mask[chosen]] = len(patches)
            patches.append(Patch(color=colour, label=name))
    return place, patches


def _map(axes: Axes, grid: tuple[FloatArray, FloatArray], place: IntArray, patches: Sequence[Patch]) -> None:
    """A heat map of a few named values, with its legend below."""
    nothing = [Patch(color=_LATE, label="no plan in time")]
    colours = ListedColormap([patch.get_facecolor() for patch in (*nothing, *patches)])
    axes.pcolormesh(*grid, place, cmap=colours, vmin=-1.5, vmax=len(patches) - 0.5, rasterized=True)
    _log_axes(axes)
    axes.legend(
        handles=[*(nothing if (place < 0).any() else []), *patches],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.14),
        ncols=3,
        frameon=False,
        fontsize="small",
    )


def _log_axes(axes: Axes) -> None:
    """Bandwidth against milliseconds, with plain numbers at the ticks."""
    axes.set(xscale="log", yscale="log", xlabel="bandwidth (kbps)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(1, 0.4)))


def _latency_panel(
    axes: Axes,
    candidates: CostTable,
    links: Sequence[Link],
    latency_requirement_s: float,
    search: Search,
    colours: Sequence[str],
) -> None:
    """Device-only and edge-only of the deepest exit, and the plan, whose exit is its marker's colour."""
    kbps = np.array([link.upload_bps for link in links]) / 1e3
    latency_ms = 1e3 * np.array([candidates.latency_s(link) for link in links])
    deepest = candidates.exit_index == len(candidates.exits) - 1
    name = candidates.exits[-1]
    for label, mask, style in (
        (f"device-only, {name}", deepest & ~candidates.remote, "--"),
        (f"edge-only, {name}", deepest & candidates.edge_only, "-."),
    ):
        if mask.any():
            axes.plot(kbps, latency_ms[:, mask].min(axis=1), style, color="0.35", linewidth=1.6, label=label)
    decisions = [search(candidates, link, latency_requirement_s) for link in links]
    planned = [np.nan if one is None else 1e3 * one.latency_s for one in decisions]
    axes.plot(kbps, planned, color="tab:red", linewidth=1, zorder=3)
    seen = set()
    for j, one in enumerate(decisions[:: _STEPS // 20]):
        if one is None:
            continue
        number = int(candidates.exit_index[one.index])
        seen.add(number)
        axes.plot(
            kbps[_STEPS // 20 * j],
            1e3 * one.latency_s,
            marker="o" if one.meets_requirement else "X",
            color=colours[number],
            markeredgecolor="tab:red",
            zorder=4,
        )
    axes.axhline(1e3 * latency_requirement_s, color="black", linestyle=":", linewidth=1)
    _log_axes(axes)
    axes.set(
        ylabel="predicted latency (ms)",
        title=f"Latency, with a requirement of {milliseconds(latency_requirement_s)} (dotted, above as well)",
    )
    axes.grid(visible=True, alpha=0.3)
    handles = axes.get_legend_handles_labels()[0]
    handles += [_marker(f"the plan, {candidates.exits[j]}", "o", colours[j]) for j in sorted(seen)]
    if any(one is not None and not one.meets_requirement for one in decisions):
        handles.append(_marker("the plan, late", "X", "white"))
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.14),
        ncols=4,
        frameon=False,
        fontsize="small",
    )


def _marker(label: str, marker: str, colour: str) -> Line2D:
    return Line2D(
        [], [], color="tab:red", marker=marker, markerfacecolor=colour, markeredgecolor="tab:red", label=label
    )
