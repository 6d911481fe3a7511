"""Answers as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_runtime.answer import Answer


def answer_table(title: str, rows: Sequence[tuple[str, Answer]]) -> Table:
    """One row an input: what it is, which plan answered, and where the milliseconds went."""
    table = Table(title=title, title_justify="left")
    table.add_column("input", no_wrap=True, overflow="ellipsis")
    table.add_column("answer", no_wrap=True)
    table.add_column("sure", justify="right")
    table.add_column("plan", no_wrap=True)
    for name in ("total ms", "codec", "network", "edge", "device", "B up", "B down"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("in time")
    for name, answer in rows:
        times = answer.timeline
        table.add_row(
            Text(name),
            Text(answer.label),
            f"{answer.confidence:.0%}",
            str(answer.plan),
            f"{answer.latency_s * 1e3:.1f}",
            f"{(times.encode_s + times.decode_s) * 1e3:.2f}",
            f"{times.network_s * 1e3:.1f}",
            f"{times.edge_s * 1e3:.2f}",
            f"{times.tail_s * 1e3:.2f}",
            str(times.sent_bytes),
            str(times.received_bytes),
            "[green]yes[/]" if answer.met_requirement else "[red]late[/]",
        )
    return table
