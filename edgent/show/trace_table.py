"""Traces as a table to read."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from edgent.bandwidth.trace_statistics import trace_sets, trace_statistics
from edgent.bandwidth.traces import BandwidthTrace


def traces_table(traces: Sequence[BandwidthTrace]) -> Table:
    """One row for each set of traces: how many, how long, and their bandwidth over time."""
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
    for name, members in trace_sets(traces).items():
        figures = trace_statistics(members)
        table.add_row(
            name,
            str(figures.traces),
            f"{figures.duration_s / 3600:.2f}",
            f"{figures.interval_s:.2f}",
            *(
                f"{bandwidth_bps / 1e3:,.0f}"
                for bandwidth_bps in (figures.mean_bps, figures.p5_bps, figures.p50_bps, figures.p95_bps)
            ),
            f"{figures.outage_share:.1%}",
        )
    return table
