"""Tables and a picture: with deadlines that the edge keeps and without, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from benchmarks.studies.load.measure import HEAD_S, METHODS
from benchmarks.studies.study import PLAIN, Report, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.load.measure import Cell

PICTURE = "load.png"
_COLOURS = dict(zip(METHODS, ("#365c8d", "#d95f02"), strict=True))
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
    "fairness",
)


def share(cell: Cell, outcome: str) -> float:
    """The share of all requests that were due and came to that, 0 to 1."""
    return sum(one.outcome == outcome for one in cell.asked) / max(len(cell.asked), 1)


def in_vain(cell: Cell) -> float:
    """The share of runs of the head whose answer came too late, 0 to 1."""
    in_time = sum(one.outcome == "in time" for one in cell.asked)
    return 1.0 - in_time / max(cell.runs, 1)


def fairness(cell: Cell) -> float:
    """Jain's index of the shares that devices have in time: 1 where they are equal, 1/n where one has all."""
    shares = []
    for device in range(cell.devices):
        of_device = [one.outcome == "in time" for one in cell.asked if one.device == device]
        if of_device:
            shares.append(np.mean(of_device))
    squares = len(shares) * float(np.square(shares).sum())
    return float(np.sum(shares)) ** 2 / squares if squares else 1.0


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
            f"{fairness(cell):.2f}",
        ]
        for cell in cells
    ]
    records = [one for cell in cells for one in cell.asked]
    title = "Answers in time, and runs of the head in vain"
    return Report((), [Table("", _COLUMNS, rows)], {PICTURE: (title, _picture(cells))}, {"asked": records})


def _picture(cells: Sequence[Cell]) -> Figure:
    """Answers in time a second, and the share of runs in vain, over the number of devices."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    goodput, vain = figure.subplots(1, 2)
    for method in METHODS:
        of_method = [cell for cell in cells if cell.method == method]
        devices = [cell.devices for cell in of_method]
        in_time = [share(cell, "in time") * len(cell.asked) / cell.seconds for cell in of_method]
        goodput.plot(devices, in_time, "o-", color=_COLOURS[method], label=method)
        vain.plot(devices, [100 * in_vain(cell) for cell in of_method], "o-", color=_COLOURS[method])
    goodput.axhline(1 / HEAD_S, color="0.7", linewidth=1)
    goodput.set_ylabel("answers in time, per second")
    vain.set_ylabel("runs of the head in vain, %")
    for axes in (goodput, vain):
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(PLAIN)
        axes.set_xlabel("devices")
        axes.set_ylim(bottom=0)
    goodput.legend(title="deadlines")
    return figure
