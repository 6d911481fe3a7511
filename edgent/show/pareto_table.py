"""The front of plans that none beats, as a table."""

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import IntArray
from edgent.planning.link import Link
from edgent.show.units import kbps, milliseconds_number


def pareto_table(costs: CostTable, link: Link, front: IntArray, top: int) -> Table:
    """One row for each plan of the front, the quickest first; of a long front some, evenly spread.

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
        caption="times in ms; none other is as quick, as accurate and as cheap in all of these at once",
    )
    table.add_column("plan", no_wrap=True)
    for heading in ("latency", costs.measure, "bytes", "edge", "device"):
        table.add_column(heading, justify="right")
    latency = costs.latency_s(link)
    for k in shown.tolist():
        table.add_row(
            str(costs.plans[k]),
            milliseconds_number(float(latency[k])),
            f"{costs.accuracy[k]:.4f}",
            f"{costs.upload_bytes[k] + costs.download_bytes[k]:,.0f}",
            milliseconds_number(float(costs.edge_compute_s[k])),
            milliseconds_number(float(costs.device_compute_s[k])),
        )
    return table
