"""Plans as pictures: what is chosen over bandwidth and requirement, and what that does to latency.

For one pipeline, what the paper's Fig. 2 and Fig. 8 show for theirs.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.show.plain_ticks import plain_log_ticks
from edgent.units import milliseconds

_CELLS = 80
_STEPS = 400  # along a line
_MARKERS = 20
_LATE = "0.85"

MaskedInts = np.ma.MaskedArray[Any, np.dtype[np.int64]]
Search = Callable[[CostTable, Link, float], Decision | None]


def plan_figure(
    table: CostTable,
    bandwidths_bps: tuple[float, float],
    longest_requirement_s: float,
    latency_requirement_s: float,
    round_trip_s: float,
    search: Search = exit_search,
    *,
    as_paper: bool = False,
) -> Figure:
    """Exit and partition point over bandwidth and requirement, and latency against bandwidth.

    Args:
        table: the costs of the plans to choose from.
        bandwidths_bps: from and to, the same in both directions.
        longest_requirement_s: upper end of the requirements drawn; the lower is below what any plan takes.
        latency_requirement_s: for which latency is drawn against bandwidth.
        round_trip_s: round trip of the link, seconds.
        search: Algorithm 1, ours or the paper's.
        as_paper: whether it is the paper's. Edge-only, which that never takes, is then drawn without codecs,
            and the figure says so.
    """
    links = _links(bandwidths_bps, round_trip_s, _CELLS)
    shortest_s = 0.6 * float(table.latency_s(links[-1]).min())
    requirements_s = np.geomspace(shortest_s, max(longest_requirement_s, 2 * shortest_s), _CELLS)
    chosen = _chosen(
        [[search(table, link, float(needed_s)) for link in links] for needed_s in requirements_s]
    )
    figure = Figure(figsize=(11, 9.5), layout="constrained")
    panels = figure.subplot_mosaic([["exit", "cut"], ["latency", "latency"]])
    grid = (_kbps(links), 1e3 * requirements_s)
    colours = exit_colours(len(table.exits))
    _map(panels["exit"], grid, *_exits(table, chosen, colours))
    _map(panels["cut"], grid, *_cuts(table, chosen))
    panels["exit"].set(title="Exit", ylabel="latency requirement (ms)")
    panels["cut"].set(title="Partition point")
    for name in ("exit", "cut"):
        panels[name].axhline(1e3 * latency_requirement_s, color="black", linestyle=":", linewidth=1)
    links = _links(bandwidths_bps, round_trip_s, _STEPS)
    _draw_unsplit(panels["latency"], table, links, as_paper=as_paper)
    _latency_panel(panels["latency"], table, links, latency_requirement_s, search, colours)
    if as_paper:
        figure.suptitle("Algorithm 1 as in the paper: no edge-only plans, no codecs")
    return figure


def _links(bandwidths_bps: tuple[float, float], round_trip_s: float, count: int) -> list[Link]:
    return [Link(round_trip_s, float(bps), float(bps)) for bps in np.geomspace(*bandwidths_bps, count)]


def _chosen(decisions: Sequence[Sequence[Decision | None]]) -> MaskedInts:
    """The index of each cell's plan, masked where no plan is in time."""
    index = [[0 if decision is None else decision.index for decision in row] for row in decisions]
    late = [[decision is None or not decision.meets_requirement for decision in row] for row in decisions]
    return np.ma.masked_array(index, mask=late)


def exit_colours(count: int) -> list[str]:
    """Light for shallow exits, dark for deep ones."""
    return [to_hex(colormaps["viridis"](0.9 - 0.75 * j / max(count - 1, 1))) for j in range(count)]


def _exits(table: CostTable, chosen: MaskedInts, colours: Sequence[str]) -> tuple[MaskedInts, list[Patch]]:
    """The exit of each cell, as a place in the legend."""
    masks = [(name, colours[j], table.exit_index == j) for j, name in enumerate(table.exits)]
    return _places(chosen, masks)


def _cuts(table: CostTable, chosen: MaskedInts) -> tuple[MaskedInts, list[Patch]]:
    """The cut of each cell, as a place in the legend: device-only, inner points rising, edge-only."""
    inner = table.remote & ~table.edge_only
    present = chosen.compressed()
    of_cells = np.stack([table.start, table.stop], axis=1)[present][inner[present]]
    windows = np.unique(of_cells, axis=0).tolist()
    shades = [to_hex(colour) for colour in colormaps["YlOrBr"](np.linspace(0.25, 0.8, max(len(windows), 1)))]
    masks = [
        ("device-only (p = 0)", "#4477aa", ~table.remote),
        *(
            (_window(start, stop), shade, inner & (table.start == start) & (table.stop == stop))
            for (start, stop), shade in zip(windows, shades, strict=False)
        ),
        ("edge-only (the whole path)", "#117733", table.edge_only),
    ]
    return _places(chosen, masks)


def _window(start: int, stop: int) -> str:
    return f"edge from p = {start} to {stop}" if start else f"cut at p = {stop}"


def _places(
    chosen: MaskedInts, masks: Sequence[tuple[str, str, BoolArray]]
) -> tuple[MaskedInts, list[Patch]]:
    """Which of some named masks each cell's plan is in, and a legend of those that occur."""
    place = np.ma.masked_array(np.zeros(chosen.shape, np.int64), mask=True)
    patches: list[Patch] = []
    for name, colour, mask in masks:
        inside = mask[chosen.filled(0)] & ~np.ma.getmaskarray(chosen)
        if inside.any():
            place[inside] = len(patches)
            patches.append(Patch(color=colour, label=name))
    return place, patches


def _map(
    axes: Axes, grid: tuple[FloatArray, FloatArray], place: MaskedInts, patches: Sequence[Patch]
) -> None:
    """A heat map of a few named values, with its legend below."""
    nothing = [Patch(color=_LATE, label="no plan in time")] if np.ma.getmaskarray(place).any() else []
    colours = ListedColormap([patch.get_facecolor() for patch in patches or nothing])
    axes.pcolormesh(
        *grid,
        place,
        cmap=colours.with_extremes(bad=_LATE),
        vmin=-0.5,
        vmax=colours.N - 0.5,
        rasterized=True,
    )
    _log_axes(axes)
    _legend_below(axes, [*nothing, *patches], columns=3)


def _log_axes(axes: Axes) -> None:
    """Bandwidth against milliseconds, with plain numbers at the ticks."""
    axes.set(xscale="log", yscale="log", xlabel="bandwidth (kbps)")
    for axis in (axes.xaxis, axes.yaxis):
        plain_log_ticks(axis)


def _latency_panel(
    axes: Axes,
    table: CostTable,
    links: Sequence[Link],
    latency_requirement_s: float,
    search: Search,
    colours: Sequence[str],
) -> None:
    """The plan, whose exit is its marker's colour, beside what is drawn already."""
    handles = axes.get_legend_handles_labels()[0]
    decisions = [search(table, link, latency_requirement_s) for link in links]
    handles += _draw_plans(axes, table, links, decisions, colours)
    axes.axhline(1e3 * latency_requirement_s, color="black", linestyle=":", linewidth=1)
    _log_axes(axes)
    axes.set(
        ylabel="predicted latency (ms)",
        title=f"Latency, with a requirement of {milliseconds(latency_requirement_s)} (dotted, above as well)",
    )
    axes.grid(visible=True, alpha=0.3)
    _legend_below(axes, handles, columns=4)


def _draw_unsplit(axes: Axes, table: CostTable, links: Sequence[Link], *, as_paper: bool) -> None:
    """The deepest exit without a cut: device-only, and edge-only by the fastest codec, or by none."""
    latency_ms = 1e3 * np.array([table.latency_s(link) for link in links])
    deepest = table.exit_index == len(table.exits) - 1
    sent = table.uncompressed if as_paper else np.ones(len(table), dtype=np.bool_)
    name, codecs = table.exits[-1], " without codecs" * as_paper
    for label, mask, style in (
        (f"device-only, {name}", deepest & ~table.remote, "--"),
        (f"edge-only{codecs}, {name}", deepest & table.edge_only & sent, "-."),
    ):
        if mask.any():
            fastest_ms = latency_ms[:, mask].min(axis=1)
            axes.plot(_kbps(links), fastest_ms, style, color="0.35", linewidth=1.6, label=label)


def _draw_plans(
    axes: Axes,
    table: CostTable,
    links: Sequence[Link],
    decisions: Sequence[Decision | None],
    colours: Sequence[str],
) -> list[Line2D]:
    """The plan's latency with a marker here and there, and what the markers mean."""
    kbps = _kbps(links)
    latency_ms = [0.0 if decision is None else 1e3 * decision.latency_s for decision in decisions]
    gaps = [decision is None for decision in decisions]
    axes.plot(kbps, np.ma.masked_array(latency_ms, mask=gaps), color="tab:red", linewidth=1, zorder=3)
    marked = set()
    for j in range(0, len(decisions), _STEPS // _MARKERS):
        decision = decisions[j]
        if decision is not None:
            number = int(table.exit_index[decision.index])
            marked.add(number)
            marker = "o" if decision.meets_requirement else "X"
            axes.plot(
                kbps[j],
                latency_ms[j],
                marker=marker,
                color=colours[number],
                markeredgecolor="tab:red",
                zorder=4,
            )
    handles = [_marker(f"the plan, {table.exits[j]}", "o", colours[j]) for j in sorted(marked)]
    if any(decision is not None and not decision.meets_requirement for decision in decisions):
        handles.append(_marker("the plan, late", "X", "white"))
    return handles


def _kbps(links: Sequence[Link]) -> FloatArray:
    return np.array([link.upload_bps for link in links]) / 1e3


def _legend_below(axes: Axes, handles: Sequence[Artist], columns: int) -> None:
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.14),
        ncols=columns,
        frameon=False,
        fontsize="small",
    )


def _marker(label: str, marker: str, colour: str) -> Line2D:
    return Line2D(
        [], [], color="tab:red", marker=marker, markerfacecolor=colour, markeredgecolor="tab:red", label=label
    )
