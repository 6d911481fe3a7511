"""The pictures of the report."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from benchmarks.studies.comparison.link_figures import legend_below, legend_that_fits
from benchmarks.studies.study import PLAIN
from benchmarks.studies.workload.cells import Cell
from benchmarks.studies.workload.kinds import KINDS
from benchmarks.studies.workload.methods import OURS, PAPER, SMALL, STOCK

_COLOURS = {
    "deepest local exit": "#7f7f7f",
    SMALL: "#bcbd22",
    STOCK: "#8c564b",
    "edge-only, best codec": "#9467bd",
    "Neurosurgeon": "#2ca02c",
    PAPER: "#1f77b4",
    OURS: "#d62728",
}
_KIND_COLOURS = ("#bdbdbd", "#9467bd", "#1f77b4", "#d62728", "#ff9896")
_NOTHING = "#ffffff"
_PANELS_S = (0.05, 0.1, 0.2, 0.5)


def accuracy_figure(cells: Sequence[Cell]) -> Figure:
    """Accuracy in time against bandwidth on symmetric links: a row for each device."""
    shown = [cell for cell in cells if _is_usual(cell)]
    slowdowns = sorted({cell.condition.slowdown for cell in shown})
    wanted = sorted({cell.requirement_s for cell in shown})
    requirements_s = [each for each in _PANELS_S if each in wanted] or wanted
    size = (3.3 * len(requirements_s), 2.9 * len(slowdowns) + 0.9)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(len(slowdowns), len(requirements_s), sharex=True, sharey=True, squeeze=False)
    for row, slowdown in zip(panels, slowdowns, strict=True):
        for axes, requirement_s in zip(row, requirements_s, strict=True):
            own = [c for c in shown if (c.condition.slowdown, c.requirement_s) == (slowdown, requirement_s)]
            _draw_panel(axes, own)
            axes.set_title(f"device {slowdown:g}x, within {requirement_s * 1e3:g} ms", fontsize=10)
        row[0].set_ylabel("accuracy in time")
    for axes in panels[-1]:
        axes.set_xlabel("bandwidth, kbps")
    legend_below(figure, panels[0][0], columns=4)
    return figure


def _is_usual(cell: Cell) -> bool:
    condition = cell.condition
    return condition.up_bps == condition.down_bps and condition.round_trip_s < 0.01


def _draw_panel(axes: Axes, cells: Sequence[Cell]) -> None:
    cells = sorted(cells, key=lambda cell: cell.condition.up_bps)
    for method, colour in _COLOURS.items():
        axes.plot(
            [cell.condition.up_bps / 1e3 for cell in cells],
            [cell.outcomes[method].accuracy_in_time for cell in cells],
            marker="o",
            markersize=3,
            linewidth=2.4 if method == OURS else 1.2,
            zorder=3 if method == OURS else 2,
            color=colour,
            label=method,
        )
    axes.set(xscale="log", ylim=(-0.02, 1))
    axes.xaxis.set_major_formatter(PLAIN)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(alpha=0.25)


def choice_figure(cells: Sequence[Cell], kinds: Mapping[str, str]) -> Figure:
    """What kind of plan ours chooses: a panel for each device, links in rows, requirements in columns."""
    slowdowns = sorted({cell.condition.slowdown for cell in cells})
    requirements_s = sorted({cell.requirement_s for cell in cells})
    links = list(dict.fromkeys(cell.condition.link for cell in cells))
    size = (2.2 + 3.6 * len(slowdowns), 1.4 + 0.28 * len(links))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(slowdowns), sharey=True, squeeze=False)[0]
    for axes, slowdown in zip(panels, slowdowns, strict=True):
        grid = [[-1] * len(requirements_s) for _ in links]
        for cell in cells:
            if cell.condition.slowdown == slowdown and cell.is_possible:
                kind = KINDS.index(kinds[cell.ours.usual_plan])
                grid[links.index(cell.condition.link)][requirements_s.index(cell.requirement_s)] = kind
        colours = ListedColormap([_NOTHING, *_KIND_COLOURS])
        axes.imshow(grid, cmap=colours, vmin=-1.5, vmax=len(KINDS) - 0.5, aspect="auto")
        axes.set_xticks(range(len(requirements_s)), [f"{each * 1e3:g}" for each in requirements_s])
        axes.set_yticks(range(len(links)), links)
        axes.set(title=f"device {slowdown:g}x", xlabel="latency requirement, ms")
    legend = [Patch(facecolor=colour, label=kind) for kind, colour in zip(KINDS, _KIND_COLOURS, strict=True)]
    legend.append(Patch(facecolor=_NOTHING, edgecolor="black", label="nothing is in time, or not measured"))
    legend_that_fits(figure, legend, [str(patch.get_label()) for patch in legend], columns=3)
    return figure
