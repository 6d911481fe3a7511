"""What edgent costs against the size of the network, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.studies.study import Report, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.scale.measure import Scale

_HEADS = (
    "network",
    "MB",
    "million MACs",
    "layers",
    "exits",
    "plans",
    "decision, steady, µs",
    "decision, hedged, µs",
    "opening s",
    "least profile s",
    "edgent new s",
)


def report(rows: Sequence[Scale]) -> Report:
    """The table and its rows."""
    table = Table("", _HEADS, [_cells(row) for row in rows])
    return Report(tables=[table], records={"scale": rows})


def _cells(row: Scale) -> tuple[str, ...]:
    return (
        row.network,
        f"{row.size_bytes / 1e6:.2f}",
        f"{row.macs / 1e6:,.1f}",
        str(row.layers),
        str(row.exits),
        str(row.plans),
        f"{row.search_s * 1e6:.0f}",
        f"{row.hedged_s * 1e6:.0f}",
        f"{row.opening_s:.2f}",
        f"{row.profile_s:.1f}",
        f"{row.new_s:.0f}",
    )
