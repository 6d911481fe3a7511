"""The front of plans that none beats, as a table."""

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import IntArray
from edgent.planning.link import Link
from edgent.units import kbps, milliseconds_number


def pareto_table(costs: CostTable, link: Link, front: IntArray, top: int) -> Table:
    """One row for each plan of the front, the quickest first; of a long front some, evenly spread.

    Where plans leave early, latency stands at worst and in the mean, and the other costs in the mean.

    Args:
        costs: what the plans cost.
        link: the link that they are compared on.
        front: by `pareto_front`.
        top: how many rows at most.
    """
    shown = front[np.unique(np.linspace(0, len(front) - 1, min(top, len(front))).round().astype(int))]
    table = Table(
        title=f"{len(shown)} of {len(front)} plans that none beats on a link of {kbps(link.upload_bps)} up, "
        f"{kbps(link.download_bps)} down",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption="; ".join(_notes(costs, len(shown) < len(front))),
    )
    table.add_column("plan", overflow="fold")
    mean = costs.in_the_mean
    times_s = {"latency": costs.latency_s(link)}
    if costs.mean is not None:
        times_s = {"worst": costs.latency_s(link), "mean": mean.latency_s(link)}
    for heading in (*times_s, costs.measure, "bytes", "edge", "device"):
        table.add_column(heading, justify="right", no_wrap=True)
    for k in shown.tolist():
        table.add_row(
            str(costs.plans[k]),
            *(milliseconds_number(float(latency_s[k])) for latency_s in times_s.values()),
            f"{costs.accuracy[k]:.4f}",
            f"{mean.upload_bytes[k] + mean.download_bytes[k]:,.0f}",
            milliseconds_number(float(mean.edge_compute_s[k])),
            milliseconds_number(float(mean.device_compute_s[k])),
        )
    return table


def _notes(costs: CostTable, some: bool) -> list[str]:
    """What stands in the table, and how its plans were picked where it has some of the front."""
    notes = ["times in ms"]
    if some:
        notes.append("picked evenly from the quickest to the slowest, whatever else they cost")
    notes.append("none other is as quick, as accurate and as cheap in all of these at once")
    if costs.mean is not None:
        notes.append("worst: no exit on the way is sure; all else in the mean")
    return notes
