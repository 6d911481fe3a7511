"""A range of links and requirements at a glance: the plan of each, as a table."""

import math
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.decision import Decision
from edgent.show.units import kbps, milliseconds, milliseconds_number


def range_table(
    decisions: Sequence[Sequence[Decision | None]],
    bandwidths_bps: Sequence[float],
    latency_requirements_s: Sequence[float],
    round_trip_s: float,
) -> Table:
    """The chosen plan, with its predicted time, for each bandwidth (row) and requirement (column)."""
    table = Table(
        title=f"Plans by bandwidth and latency requirement, with the predicted ms; round trip "
        f"{milliseconds(round_trip_s)}",
        box=SIMPLE_HEAD,
        caption="* nothing answers in time: the fastest plan",
    )
    table.add_column("bandwidth", justify="right", no_wrap=True)
    for requirement_s in latency_requirements_s:
        table.add_column(f"within {milliseconds(requirement_s)}")
    for bandwidth_bps, row in zip(bandwidths_bps, decisions, strict=True):
        table.add_row(kbps(bandwidth_bps), *map(_cell, row))
    return table


def _cell(decision: Decision | None) -> str:
    if decision is None:
        return "NULL"
    star = "" if decision.meets_requirement else "*"
    return f"{decision.plan}{star}  {milliseconds_number(decision.latency_s)}"


def round_bandwidths_bps(low_bps: float, high_bps: float) -> list[float]:
    """The rows: 1, 2, 5, 10, 20, ... between two bandwidths, and the two."""
    decades = range(math.floor(math.log10(low_bps)), math.ceil(math.log10(high_bps)) + 1)
    steps = (factor * 10.0**decade for decade in decades for factor in (1, 2, 5))
    return sorted({low_bps, high_bps, *(step for step in steps if low_bps < step < high_bps)})
