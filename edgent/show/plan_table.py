"""A few plans in one situation as a table: where the time of each goes, and what it is worth."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.planning.cost_table import CostTable
from edgent.planning.domination import domination
from edgent.planning.link import Link
from edgent.planning.ranking import Ranked
from edgent.planning.stages import Step
from edgent.units import kbps, milliseconds, milliseconds_number

PARTS = tuple(dict.fromkeys(("round trip", *(step.part for step in Step))))
"""Headings of the columns that say where the time goes."""
_BEATEN = "beaten on every link by"
_BEATEN_WIDTH = 34
LEAST_FIRST = (_BEATEN, *(part for part in PARTS if part not in {"upload", "download"}), "download", "upload")
"""Headings of the columns that a narrow terminal can do without."""


def plan_table(
    costs: CostTable,
    link: Link,
    latency_requirement_s: float,
    shown: Sequence[Ranked],
) -> Table:
    """One row for each plan; parts that take no time in any of them have no column.

    Args:
        costs: what the plans cost.
        link: the link that they are compared on.
        latency_requirement_s: requirement that they should meet, seconds.
        shown: the plans, best first.
    """
    table = Table(
        title=f"Plans on a link of {kbps(link.upload_bps)} up, {kbps(link.download_bps)} down, round trip "
        f"{milliseconds(link.round_trip_s)}, for an answer within {milliseconds(latency_requirement_s)}",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption="; ".join(_notes(costs, [ranked.index for ranked in shown])),
    )
    parts = {ranked: costs.parts(link, ranked.index) for ranked in shown}
    taken = [part for part in PARTS if any(parts[ranked].by_part[part] for ranked in shown)]
    table.add_column("")
    table.add_column("plan", overflow="fold")
    totals = ("total",) if costs.mean is None else ("mean", "worst")
    mean_s = costs.in_the_mean.latency_s(link)
    for heading in (*totals, *taken, costs.measure):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("in time", no_wrap=True)
    table.add_column(_BEATEN, overflow="fold", max_width=_BEATEN_WIDTH)
    for ranked in shown:
        by_part, total_s = parts[ranked].by_part, parts[ranked].total_s
        better = domination(costs, ranked.index)
        table.add_row(
            ranked.role,
            str(costs.plans[ranked.index]),
            *(milliseconds_number(float(mean_s[ranked.index])) for _ in totals[1:]),
            ("~" if costs.predicted[ranked.index] else "") + milliseconds_number(total_s),
            *(milliseconds_number(by_part[part]) for part in taken),
            f"{costs.accuracy[ranked.index]:.4f}",
            "yes" if total_s <= latency_requirement_s else "no",
            f"{costs.plans[better.by]}: {better}" if better else "",
            style="bold" if ranked.role == "chosen" else None,
        )
    return table


def _notes(costs: CostTable, shown: Sequence[int]) -> list[str]:
    """What the table's words and signs mean, as far as they stand in it."""
    notes = [
        "times in ms",
        "a plan is exit:partition point:codecs, and p layers of the exit's path run on the edge",
    ]
    if costs.start[list(shown)].any():
        notes[-1] += ", or those from p to p"
    if costs.predicted[list(shown)].any():
        notes.append("~ some of them were never measured as they stand")
    if costs.mean is not None:
        notes.append("mean: of all inputs, which may leave at exits on the way under +early")
        notes.append("worst and its parts: no exit on the way is sure")
    return notes
