"""Plans as tables: one situation in detail, and a range of links and requirements at a glance."""

from collections.abc import Sequence

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.domination import domination, domination_by_exit
from edgent.planning.link import Link
from edgent.planning.ranking import Ranked
from edgent.planning.stages import Step
from edgent.show.units import kbps, milliseconds, milliseconds_number

PARTS = tuple(dict.fromkeys(("round trip", *(step.part for step in Step))))
"""Headings of the columns that say where the time goes."""


def plan_table(
    candidates: CostTable, link: Link, latency_requirement_s: float, shown: Sequence[Ranked]
) -> Table:
    """Where the time of each plan goes, and what it is worth."""
    table = Table(
        title=f"Plans on a link of {kbps(link.upload_bps)} up, {kbps(link.download_bps)} down, round trip "
        f"{milliseconds(link.round_trip_s)}, for an answer within {milliseconds(latency_requirement_s)}",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        caption="times in ms; a plan is exit:partition point:codecs, and p layers of the exit's path run on "
        "the edge",
    )
    parts = {ranked: candidates.parts(link, ranked.index) for ranked in shown}
    taken = [part for part in PARTS if any(parts[ranked].by_part[part] for ranked in shown)]
    table.add_column("")
    table.add_column("plan", no_wrap=True)
    for heading in ("total", *taken, "accuracy"):
        table.add_column(heading, justify="right", no_wrap=heading == "total")
    table.add_column("in time")
    table.add_column("beaten on every link by", overflow="fold")
    for ranked in shown:
        by_part, total_s = parts[ranked].by_part, parts[ranked].total_s
        better = domination(candidates, ranked.index)
        table.add_row(
            ranked.role,
            str(candidates.plans[ranked.index]),
            milliseconds_number(total_s),
            *(milliseconds_number(by_part[part]) for part in taken),
            f"{candidates.accuracy[ranked.index]:.4f}",
            "yes" if total_s <= latency_requirement_s else "no",
            f"{candidates.plans[better.by]}: {better}" if better else "",
            style="bold" if ranked.role == "chosen" else None,
        )
    return table


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


def domination_lines(candidates: CostTable) -> list[str]:
    """What can be left out of account on every link, in sentences."""
    beaten = sum(bool(candidates.dominated_by(k)) for k in range(len(candidates)))
    lines = [f"{beaten} of all {len(candidates)} plans are beaten by another one whatever the link."]
    for one in domination_by_exit(candidates):
        if one.device_wins:
            lines.append(
                f"{one.exit}: the device alone beats the edge whatever the link, computing no longer."
            )
        elif one.cuts:
            left = one.cuts - one.to_edge_only - one.to_others
            lines.append(
                f"{one.exit}: of {one.cuts} cuts inside its path, edge-only beats {one.to_edge_only} (it "
                f"gets less back and computes no longer), other plans beat {one.to_others}, {left} may be "
                "best on some link."
            )
    return lines


def round_bandwidths_bps(low_bps: float, high_bps: float) -> list[float]:
    """1, 2, 5, 10, 20, ... between two bandwidths, and the two."""
    decades = range(int(np.floor(np.log10(low_bps))), int(np.ceil(np.log10(high_bps))) + 1)
    steps = (factor * 10.0**decade for decade in decades for factor in (1, 2, 5))
    return sorted({low_bps, high_bps, *(step for step in steps if low_bps < step < high_bps)})
