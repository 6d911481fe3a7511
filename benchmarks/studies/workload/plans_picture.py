"""The picture of what ours chooses, by link and requirement."""

from collections import Counter
from collections.abc import Mapping, Sequence

from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from benchmarks.studies.comparison.link_figures import legend_that_fits
from benchmarks.studies.palette import BLUE, LIGHT_GREY, SKY, VERMILION, YELLOW
from benchmarks.studies.study import Picture
from benchmarks.studies.workload.cells import Cell, possible
from benchmarks.studies.workload.kinds import DEVICE, EDGE, EDGE_FIRST, FEATURES, KINDS, WINDOW

_COLOURS = {DEVICE: LIGHT_GREY, EDGE: BLUE, EDGE_FIRST: SKY, FEATURES: VERMILION, WINDOW: YELLOW}
_NOTHING, _NO_COLOUR = "nothing is in time, or not measured", "#ffffff"


def plans_picture(cells: Sequence[Cell], kinds: Mapping[str, str]) -> Picture:
    """What kind of plan ours chooses: a panel for each device, links in rows, requirements in columns.

    Args:
        cells: Everything.
        kinds: Of every plan that ours wanted.
    """
    chosen = Counter(kinds[cell.ours.usual_plan] for cell in possible(cells))
    never = [kind for kind in KINDS if not chosen[kind]]
    note = (
        "A cell shows the kind of plan that ours wanted most often; the table of links names the plans. A "
        f"window behind a feature codec counts as {FEATURES}. Links are named for bandwidth and round trip."
    )
    if never:
        note += f" No cell is of the kind {' or '.join(never)}."
    return Picture("What ours chooses, by link and requirement", _figure(cells, kinds), note)


def _figure(cells: Sequence[Cell], kinds: Mapping[str, str]) -> Figure:
    slowdowns = sorted({cell.condition.slowdown for cell in cells})
    requirements_s = sorted({cell.requirement_s for cell in cells})
    links = list(dict.fromkeys(cell.condition.link for cell in cells))
    figure = Figure(figsize=(2.2 + 3.6 * len(slowdowns), 1.6 + 0.28 * len(links)), layout="constrained")
    panels = figure.subplots(1, len(slowdowns), sharey=True, squeeze=False)[0]
    colours = {_NOTHING: _NO_COLOUR, **_COLOURS}
    names, drawn = list(colours), set()
    for axes, slowdown in zip(panels, slowdowns, strict=True):
        grid = [[names.index(_NOTHING)] * len(requirements_s) for _ in links]
        for cell in possible(cells):
            if cell.condition.slowdown == slowdown:
                kind = names.index(kinds[cell.ours.usual_plan])
                grid[links.index(cell.condition.link)][requirements_s.index(cell.requirement_s)] = kind
        drawn |= {names[number] for row in grid for number in row}
        shades = ListedColormap([*colours.values()])
        axes.imshow(grid, cmap=shades, vmin=-0.5, vmax=len(names) - 0.5, aspect="auto")
        axes.set_xticks(range(len(requirements_s)), [f"{each * 1e3:,g}" for each in requirements_s])
        axes.set_yticks(range(len(links)), links)
        axes.set(title=f"device {slowdown:g}x slower", xlabel="latency requirement, ms")
    panels[0].set_ylabel("link")
    legend = [
        Patch(facecolor=colour, edgecolor="black", linewidth=0.5, label=name)
        for name, colour in colours.items()
        if name in drawn
    ]
    legend_that_fits(figure, legend, [str(patch.get_label()) for patch in legend], columns=3)
    return figure
