"""The picture of accuracy in time against bandwidth, and what it leaves out."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from benchmarks.studies.comparison.link_figures import legend_below
from benchmarks.studies.study import PLAIN, Picture
from benchmarks.studies.workload.cells import Cell, possible
from benchmarks.studies.workload.method_colours import METHOD_COLOURS
from benchmarks.studies.workload.methods import (
    DEVICE_ONLY,
    EDGE_ONLY,
    LOCAL_EXIT,
    NEUROSURGEON,
    OURS,
    PAPER,
    SMALL,
    STOCK,
)
from edgent.counted import counted

_LINES: Mapping[str, tuple[str, float, str]] = {
    OURS: ("o", 6.0, "-"),
    LOCAL_EXIT: ("s", 2.6, "-"),
    PAPER: ("D", 1.6, "--"),
    SMALL: ("v", 2.6, "-"),
    EDGE_ONLY: ("o", 1.6, "-"),
    STOCK: ("^", 1.6, "--"),
    NEUROSURGEON: ("x", 1.2, ":"),
}
"""Marker, width and dashes of each method, from the lowest to the topmost: who lies on top is thinner."""
_LOCAL = (DEVICE_ONLY, "device-only, exit rule")
_PANELS_S = (0.05, 0.1, 0.2, 0.5)
_NEAR_S = 0.01


def accuracy_picture(cells: Sequence[Cell]) -> Picture:
    """Accuracy in time against bandwidth on near links, as quick up as down: a row for each device."""
    near = [cell for cell in cells if _is_near(cell)]
    wanted = sorted({cell.requirement_s for cell in near})
    requirements_s = [each for each in _PANELS_S if each in wanted] or wanted
    shown = [cell for cell in near if cell.requirement_s in requirements_s]
    note = f"{_drawn(shown, len(cells), requirements_s)} {_left_out(cells)} {_READING}"
    return Picture("Accuracy in time against bandwidth", _figure(shown, requirements_s), note)


def _is_near(cell: Cell) -> bool:
    condition = cell.condition
    return condition.up_bps == condition.down_bps and condition.round_trip_s < _NEAR_S


_READING = (
    "Of a method with several plans the best one of each cell is drawn. 0 %: every answer is late, or none "
    "was asked, as it was bound to be late. Where lines lie on each other, the wider one is below."
)


def _drawn(shown: Sequence[Cell], count: int, requirements_s: Sequence[float]) -> str:
    """Which cells are drawn, and where the others are."""
    said = f"{len(shown)} of {counted(count, 'cell')} {'is' if len(shown) == 1 else 'are'} drawn"
    if len(shown) == count:
        return f"{said}."
    within = ", ".join(f"{each_s * 1e3:g}" for each_s in requirements_s)
    return (
        f"{said}: links that are as quick down as up, with a short round trip, within {within} ms. The other "
        "links and requirements are left out for room; the table of links counts them."
    )


def _left_out(cells: Sequence[Cell]) -> str:
    """Which methods are left out, and whether any of them would be the topmost line of the device's own."""
    asked = possible(cells)
    ahead = sum(
        max(cell.outcomes[name].accuracy_in_time for name in _LOCAL)
        > cell.outcomes[LOCAL_EXIT].accuracy_in_time
        for cell in asked
    )
    names = " and ".join(f"“{name}”" for name in _LOCAL)
    return (
        f"Two methods are left out, {names}: in {ahead or 'none'} of {counted(len(asked), 'cell')} one of "
        f"them is ahead of “{LOCAL_EXIT}”. Ours without single parts was asked on few links, and is "
        "left out, too."
    )


def _figure(cells: Sequence[Cell], requirements_s: Sequence[float]) -> Figure:
    slowdowns = sorted({cell.condition.slowdown for cell in cells})
    size = (3.3 * len(requirements_s), 2.9 * len(slowdowns) + 1.1)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(len(slowdowns), len(requirements_s), sharex=True, sharey=True, squeeze=False)
    for row, slowdown in zip(panels, slowdowns, strict=True):
        for axes, requirement_s in zip(row, requirements_s, strict=True):
            own = [c for c in cells if (c.condition.slowdown, c.requirement_s) == (slowdown, requirement_s)]
            _draw_panel(axes, own)
            axes.set_title(f"device {slowdown:g}x slower, within {requirement_s * 1e3:g} ms", fontsize=10)
        row[0].set_ylabel("accuracy in time")
    for axes in panels[-1]:
        axes.set_xlabel("bandwidth, kbps")
    legend_below(figure, panels[0][0], columns=4)
    return figure


def _draw_panel(axes: Axes, cells: Sequence[Cell]) -> None:
    cells = sorted(cells, key=lambda cell: cell.condition.up_bps)
    kbps = [cell.condition.up_bps / 1e3 for cell in cells]
    for height, (method, (marker, width, dashes)) in enumerate(_LINES.items(), start=2):
        axes.plot(
            kbps,
            [cell.outcomes[method].accuracy_in_time for cell in cells],
            marker=marker,
            markersize=3 + width / 2,
            linewidth=width,
            linestyle=dashes,
            zorder=height,
            color=METHOD_COLOURS[method],
            label=method,
        )
    axes.set(xscale="log", ylim=(-0.03, 1))
    axes.set_xticks(kbps)
    axes.tick_params(axis="x", rotation=60, labelsize=8)
    axes.xaxis.set_major_formatter(PLAIN)
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(alpha=0.25)
