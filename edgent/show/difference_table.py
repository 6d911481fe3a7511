"""Differences between policies as a table to read."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from edgent.replay.differences import CONFIDENCE, Difference, Interval


def difference_table(differences: Sequence[Difference], throughput_weight: float) -> Table:
    """One row for each policy: what it has more than the one that it is compared with, and how sure that is.

    Args:
        differences: from the same policy, one or more.
        throughput_weight: of the reward that was compared.
    """
    table = Table(
        title=f"more than {differences[0].against} on the same traces, with {CONFIDENCE:.0%} intervals",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption="*: the interval, by drawing traces anew, leaves out 0",
        caption_justify="left",
    )
    table.add_column("policy", no_wrap=True)
    for heading in ("reward", "interval", "late", "interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    form = "+.1f" if throughput_weight else "+.4f"
    for one in differences:
        table.add_row(one.policy, *_cells(one.reward, form), *_cells(one.late_share, "+.2%"))
    return table


def _cells(interval: Interval, form: str) -> tuple[str, str]:
    low, high = format(interval.low, form), format(interval.high, form)
    return format(interval.mean, form) + ("*" if interval.is_sure else " "), f"{low} to {high}"
