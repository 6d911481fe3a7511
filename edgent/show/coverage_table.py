"""Coverage as a table to read."""

from collections.abc import Mapping

from rich.box import SIMPLE
from rich.table import Table

from edgent.replay.coverage import DECILES, Coverage


def coverage_table(coverages: Mapping[str, Coverage], title: str) -> Table:
    """One row for each tenth of P(late): what predictions said, what came true, how many there were.

    Args:
        coverages: by whose plans they are.
        title: above the table.
    """
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("P(late)", no_wrap=True)
    for name in coverages:
        table.add_column(name, justify="right", no_wrap=True)
    for decile in range(DECILES):
        cells = [
            f"{one.predicted_share[decile]:.1%} → {one.late_share[decile]:.1%} ({one.count[decile]})"
            if one.count[decile]
            else ""
            for one in coverages.values()
        ]
        table.add_row(f"{10 * decile} to {10 * decile + 10}%", *cells)
    return table
