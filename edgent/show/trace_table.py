"""Traces as a table to read."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from edgent.bandwidth.trace_statistics import TraceStatistics, statistics_by_set
from edgent.bandwidth.traces import BandwidthTrace


def traces_table(traces: Sequence[BandwidthTrace]) -> Table:
    """One row for each set of traces and direction: how many, how long, and their bandwidth over time."""
    table = Table(title="Bandwidth traces (kbps, weighted by time)", box=SIMPLE, padding=0)
    table.add_column("set", no_wrap=True)
    for heading in (
        "traces",
        "hours",
        "sample s",
        "mean",
        "p5",
        "median",
        "p95",
        "outage",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for label, figures in statistics_by_set(traces):
        _add_row(table, label, figures)
    return table


def _add_row(table: Table, label: str, figures: TraceStatistics) -> None:
    table.add_row(
        label,
        str(figures.traces),
        _hundredths(figures.duration_s / 3600),
        _hundredths(figures.interval_s),
        *(
            f"{bandwidth_bps / 1e3:,.0f}"
            for bandwidth_bps in (figures.mean_bps, figures.p5_bps, figures.p50_bps, figures.p95_bps)
        ),
        f"{figures.outage_share:.1%}",
    )


def _hundredths(value: float) -> str:
    """``16.77``, and of less than a tenth the first two digits: ``0.0028``."""
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"
