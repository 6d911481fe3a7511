"""Answers as tables for people: one row an input, or one row a plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_runtime.answer import Answer


@dataclass(frozen=True)
class Row:
    """An answered input: its name, its label where that is known, and the answer."""

    name: str
    expected: str | None
    answer: Answer

    @property
    def label_is_known(self) -> bool:
        """Whether the answer can be right or wrong."""
        return self.expected is not None and self.answer.label is not None


def answer_table(title: str, rows: Sequence[Row]) -> Table:
    """One row an input: what it is, which plan answered, and where the milliseconds went."""
    table = _table(title, ("input", "answer", "sure", "plan", "total ms", *_PARTS, "in time"))
    for row in rows:
        answer = row.answer
        right = row.expected in (None, answer.label) or answer.label is None
        given = answer.label or f"{answer.logits.dtype} {list(answer.logits.shape)}"
        label = Text(given if right else f"{given} (is {row.expected})", "" if right else "red")
        table.add_row(
            Text(row.name),
            label,
            "-" if answer.confidence is None else f"{answer.confidence:.0%}",
            str(answer.plan),
            f"{answer.latency_s * 1e3:.1f}",
            *_parts([answer]),
            "[green]yes[/]" if answer.met_requirement else "[red]late[/]",
        )
    return table


def plan_table(title: str, rows: Sequence[Row]) -> Table:
    """One row a plan that was wanted: accuracy where labels are known, latency, and where it went.

    The last column counts the answers of a local exit in place of the plan's.
    """
    by_plan: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_plan[str(row.answer.wanted)].append(row)
    table = _table(title, ("plan", "inputs", "accuracy", "p50 ms", "p95 ms", *_PARTS, "in time", "local"))
    for plan, of_plan in by_plan.items():
        answers = [row.answer for row in of_plan]
        latencies_ms = np.array([answer.latency_s for answer in answers]) * 1e3
        known = [row for row in of_plan if row.label_is_known]
        right = sum(row.expected == row.answer.label for row in known)
        table.add_row(
            plan,
            str(len(of_plan)),
            f"{right / len(known):.4f}" if known else "-",
            f"{np.median(latencies_ms):.1f}",
            f"{np.quantile(latencies_ms, 0.95):.1f}",
            *_parts(answers),
            f"{np.mean([answer.met_requirement for answer in answers]):.0%}",
            str(sum(answer.edge_error is not None for answer in answers)),
        )
    return table


_PARTS = ("codec", "link", "edge", "device", "up B", "down B")


def _parts(answers: Sequence[Answer]) -> list[str]:
    """Medians of where the time went, in milliseconds, and of the bytes."""
    times = [answer.timeline for answer in answers]
    rows_ms = 1e3 * np.array(
        [[time.encode_s + time.decode_s, time.network_s, time.edge_s, time.tail_s] for time in times]
    )
    rows_bytes = np.array([[time.sent_bytes, time.received_bytes] for time in times])
    return [
        *(f"{part_ms:.2f}" for part_ms in np.median(rows_ms, axis=0)),
        *(f"{size:.0f}" for size in np.median(rows_bytes, axis=0)),
    ]


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        words = name in ("input", "answer", "plan", "in time")
        table.add_column(name, no_wrap=True, min_width=len(name), justify="left" if words else "right")
    return table
