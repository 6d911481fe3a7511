"""Plans that leave early as a table: in the mean, at worst, and where nobody is asked."""

from collections.abc import Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.units import milliseconds_number

LEAST_FIRST = ("plain", "asks")
"""Headings of the columns that a narrow terminal can do without."""


def early_table(costs: CostTable, link: Link, latency_requirement_s: float, columns: Sequence[int]) -> Table:
    """One row for each plan.

    Args:
        costs: what the plans cost.
        link: the link that they are compared on.
        latency_requirement_s: requirement that they should meet at worst, seconds.
        columns: the plans in the table, best first.
    """
    table = Table(
        title="Plans whose inputs may leave at exits on the way",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption="times in ms; worst: no exit is sure; plain: none is asked; asks: share that asks the edge"
        + "; ~ in part predicted" * bool(costs.predicted[list(columns)].any()),
    )
    table.add_column("plan", overflow="fold")
    for heading in ("mean", "worst", "plain", "asks", costs.measure):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("in time", no_wrap=True)
    mean_s, worst_s = costs.in_the_mean.latency_s(link), costs.latency_s(link)
    asking = costs.remote if costs.in_the_mean.asking is None else costs.in_the_mean.asking
    for k in columns:
        table.add_row(
            str(costs.plans[k]),
            milliseconds_number(float(mean_s[k])),
            ("~" if costs.predicted[k] else "") + milliseconds_number(float(worst_s[k])),
            _plain(costs, link, k),
            f"{asking[k]:.0%}",
            f"{costs.accuracy[k]:.4f}",
            "yes" if worst_s[k] <= latency_requirement_s else "no",
        )
    return table


def _plain(costs: CostTable, link: Link, k: int) -> str:
    """What the same plan takes where nobody is asked; nothing where it was left out."""
    try:
        plain = costs.index_of(replace(costs.plans[k], leaves_early=False))
    except PlanError:
        return ""
    return milliseconds_number(costs.parts(link, plain).total_s)
