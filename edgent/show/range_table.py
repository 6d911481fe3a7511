"""A range of links and requirements at a glance: the plan of each, as a table."""

import math
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.show.requirement_runs import requirement_runs
from edgent.units import kbps, milliseconds, milliseconds_number


def range_table(
    costs: CostTable,
    decisions: Sequence[Sequence[Decision | None]],
    links: Sequence[Link],
    latency_requirements_s: Sequence[float],
) -> Table:
    """The chosen plan of each link and requirement, with its predicted time: at worst, and in the mean.

    Neighbouring requirements with the same plan share a row.

    Args:
        costs: what the plans cost.
        decisions: a row for each link, one in it for each requirement; None is the paper's NULL.
        links: slow to fast.
        latency_requirements_s: rising.
    """
    has_mean = costs.mean is not None
    is_late = any(one is not None and not one.meets_requirement for row in decisions for one in row)
    notes = ["* nothing answers in time: the fastest plan"] * is_late
    notes += ["worst: no exit on the way is sure", "mean: over all inputs"] * has_mean
    table = Table(
        title="Plans by bandwidth and latency requirement, with the predicted ms; round trip "
        f"{milliseconds(links[0].round_trip_s)}",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption="; ".join(notes) or None,
    )
    table.add_column("bandwidth", justify="right", no_wrap=True)
    table.add_column("within", no_wrap=True)
    table.add_column("plan", overflow="fold")
    for heading in ("worst", "mean") if has_mean else ("ms",):
        table.add_column(heading, justify="right", no_wrap=True)
    for link, row in zip(links, decisions, strict=True):
        bandwidth = kbps(link.upload_bps)
        found = [_cells(costs, link, decision) for decision in row]
        for within, cells in requirement_runs(latency_requirements_s, found):
            table.add_row(bandwidth, within, *cells)
            bandwidth = ""
    return table


def _cells(costs: CostTable, link: Link, decision: Decision | None) -> tuple[str, ...]:
    """The plan, and its times in milliseconds."""
    if decision is None:
        return ("NULL",)
    cells = (
        f"{decision.plan}{'' if decision.meets_requirement else '*'}",
        milliseconds_number(decision.latency_s),
    )
    if costs.mean is None:
        return cells
    return (*cells, milliseconds_number(costs.mean.parts(link, decision.index).total_s))


def round_bandwidths_bps(low_bps: float, high_bps: float) -> list[float]:
    """The rows: 1, 2, 5, 10, 20, ... between two bandwidths, and the two."""
    decades = range(math.floor(math.log10(low_bps)), math.ceil(math.log10(high_bps)) + 1)
    steps = (factor * 10.0**decade for decade in decades for factor in (1, 2, 5))
    return sorted({low_bps, high_bps, *(step for step in steps if low_bps < step < high_bps)})
