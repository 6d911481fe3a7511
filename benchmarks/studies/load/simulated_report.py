"""The table of measured figures beside simulated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.studies.study import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.load.simulated import Compared

_HEADS = (
    "edges",
    "devices",
    "load",
    "by the edge in time, per second",
    "simulated",
    "ratio",
    "queue ms",
    "simulated ",
    "ratio ",
    "late",
    " simulated",
    "local exit",
    " simulated ",
    "not asked",
    "  simulated",
)
_TELLING_QUEUE_S = 2e-3
"""Of a shorter mean queue no ratio is told: what machines are late by is as long."""


def simulated_table(cells: Sequence[Compared]) -> Table:
    """A row for each cell; ratios are of what was simulated to what was measured."""
    return Table("", _HEADS, [_row(cell) for cell in cells])


def _row(cell: Compared) -> list[str]:
    return [
        str(cell.edges),
        str(cell.devices),
        f"{cell.load:g}",
        *(f"{hz:.1f}" for hz in cell.goodput_hz),
        _ratio(*cell.goodput_hz),
        *(f"{1e3 * seconds:.1f}" for seconds in cell.queue_s),
        _ratio(*cell.queue_s) if cell.queue_s[0] >= _TELLING_QUEUE_S else "-",
        *(f"{share:.1%}" for share in cell.late_share),
        *(f"{share:.1%}" for share in cell.local_share),
        *(f"{share:.1%}" for share in cell.skipped_share),
    ]


def _ratio(measured: float, simulated: float) -> str:
    return f"{simulated / measured:.2f}" if measured else "-"
