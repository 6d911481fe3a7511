"""Coverage as a table to read."""

from collections.abc import Mapping

from rich.box import SIMPLE
from rich.table import Table

from edgent.replay.coverage import DECILES, Coverage


def coverage_table(coverages: Mapping[str, Coverage], title: str) -> Table:
    """One row for each tenth of P(late) that was predicted: what was said, what came true, how many.

    Args:
        coverages: by whose plans they are.
        title: above the table.
    """
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("plans of", no_wrap=True)
    for heading in ("P(late)", "mean P(late)", "were late", "predictions"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in coverages.items():
        if not one.count.any():
            table.add_row(name, "", "", "", "0")
        said = name
        for decile in one.count.nonzero()[0].tolist():
            table.add_row(
                said,
                f"{100 // DECILES * decile} to {100 // DECILES * (decile + 1)}%",
                f"{one.predicted_share[decile]:.1%}",
                f"{one.late_share[decile]:.1%}",
                f"{one.count[decile]:,}",
            )
            said = ""
    return table
