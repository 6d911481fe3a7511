"""Tables and a picture: with deadlines that the edge keeps and without, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from benchmarks.studies.comparison.link_figures import legend_below
from benchmarks.studies.load.fairness import FAIRNESS_HEADS, Fairness, fairness_of
from benchmarks.studies.load.measure import HEAD_S
from benchmarks.studies.palette import BLUE, GREY, VERMILION
from benchmarks.studies.study import Picture, Report, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.studies.load.measure import Cell, Method

PICTURE = "load.png"
_NOTE = (
    "Load 1: requests are due as often as the head can compute. Clients alone are drawn. Whole runtimes are "
    "left out, as they always ask with deadlines that the edge keeps, and another head; the second table has "
    "them."
)
_LINES: Mapping[Method, tuple[str, str, str, str]] = {
    "kept": ("deadlines kept", BLUE, "o", "-"),
    "from arrival": ("deadlines from arrival", VERMILION, "s", "--"),
}
"""Label, colour, marker and dashes of each method."""
_COLUMNS = (
    "deadlines",
    "devices",
    "load",
    "due",
    "in time by the edge",
    "in time, per second",
    "late",
    "expired",
    "not asked",
    "computed in vain",
    *FAIRNESS_HEADS,
)


def share(cell: Cell, outcome: str) -> float:
    """The share of all requests that were due and came to that, 0 to 1."""
    return sum(one.outcome == outcome for one in cell.asked) / max(len(cell.asked), 1)


def in_vain(cell: Cell) -> float:
    """The share of runs of the head whose answer came too late, 0 to 1."""
    in_time = sum(one.outcome == "in time" for one in cell.asked)
    return 1.0 - in_time / max(cell.runs, 1)


def fairness(cell: Cell) -> Fairness:
    """Of what the edge answered in time, of all requests that were due."""
    return fairness_of(
        [one.outcome == "in time" for one in cell.asked if one.device == device]
        for device in range(cell.devices)
    )


def report(cells: Sequence[Cell]) -> Report:
    """A row for each method, number of devices and load."""
    rows = [
        [
            cell.method,
            str(cell.devices),
            f"{cell.load:g}",
            str(len(cell.asked)),
            f"{share(cell, 'in time'):.1%}",
            f"{share(cell, 'in time') * len(cell.asked) / cell.seconds:.1f}",
            f"{share(cell, 'late'):.1%}",
            f"{share(cell, 'expired'):.1%}",
            f"{share(cell, 'not asked'):.1%}",
            f"{in_vain(cell):.1%}",
            *fairness(cell).cells(),
        ]
        for cell in cells
    ]
    records = [one for cell in cells for one in cell.asked]
    title = "Answers in time, and runs of the head in vain"
    picture = Picture(title, _picture(cells), _NOTE)
    return Report((), [Table("", _COLUMNS, rows)], {PICTURE: picture}, {"asked": records})


def _picture(cells: Sequence[Cell]) -> Figure:
    """Answers in time a second, and the share of runs in vain, over the number of devices."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    goodput, vain = figure.subplots(1, 2)
    for method, (label, colour, marker, dashes) in _LINES.items():
        of_method = [cell for cell in cells if cell.method == method]
        devices = [cell.devices for cell in of_method]
        in_time = [share(cell, "in time") * len(cell.asked) / cell.seconds for cell in of_method]
        line = {"color": colour, "marker": marker, "linestyle": dashes}
        goodput.plot(devices, in_time, label=label, **line)
        vain.plot(devices, [100 * in_vain(cell) for cell in of_method], **line)
    most = f"all that the head can compute, {1 / HEAD_S:g} a second"
    goodput.axhline(1 / HEAD_S, color=GREY, linestyle=":", label=most)
    goodput.set(ylabel="answers in time, per second", ylim=(0, 1.1 / HEAD_S))
    goodput.yaxis.set_major_locator(MultipleLocator(5))
    vain.set(ylabel="runs of the head in vain, %", ylim=(0, 105))
    vain.yaxis.set_major_locator(MultipleLocator(20))
    loads = {cell.devices: f"{cell.devices}\nload {cell.load:g}" for cell in cells}
    for axes in (goodput, vain):
        axes.set_xscale("log", base=2)
        axes.set_xticks([*loads], [*loads.values()])
        axes.minorticks_off()
        axes.set(xlabel="devices, load", xlim=(0.9 * min(loads), 1.1 * max(loads)))
        axes.grid(alpha=0.3)
    legend_below(figure, goodput, columns=3)
    return figure
