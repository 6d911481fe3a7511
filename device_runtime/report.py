"""Answers as tables for people: one row an input, or one row a plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from edgent.counted import counted
from edgent.units import milliseconds, milliseconds_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_runtime.answer import Answer
    from edgent.inputs import GivenInput


@dataclass(frozen=True)
class Row:
    """An answered input: its name, its label where that is known, and the answer."""

    name: str
    expected: str | None
    answer: Answer

    @classmethod
    def of(cls, item: GivenInput, answer: Answer) -> Row:
        """Of an answer, whose array, which may be large, is kept in its shape only; labels stay."""
        if answer.label is None:
            nothing = np.broadcast_to(answer.logits.dtype.type(0), answer.logits.shape)
            answer = replace(answer, logits=nothing)
        return cls(item.name, item.expected, answer)

    @property
    def label_is_known(self) -> bool:
        """Whether the answer can be right or wrong."""
        return self.expected is not None and self.answer.label is not None


def answer_table(title: str, rows: Sequence[Row]) -> Table:
    """One row an input: what it is, which plan answered, and where the milliseconds went.

    Where inputs left early the exits at which they did have a column; so have edges, where several answered.
    """
    left_early, several = any(row.answer.left_early for row in rows), len(_by_edge(rows)) > 1
    columns = (
        "input",
        "answer",
        "sure",
        "plan",
        *(("by",) * several),
        *(("left at",) * left_early),
        "total ms",
        *_PARTS,
        "in time",
    )
    table = _table(title, columns)
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
            *((answer.edge or "",) * several),
            *((answer.plan.exit if answer.left_early else "",) * left_early),
            milliseconds_number(answer.latency_s),
            *_parts([answer]),
            "[green]yes[/]" if answer.met_requirement else "[red]late[/]",
        )
    return table


def plan_table(title: str, rows: Sequence[Row]) -> Table:
    """One row a plan that was wanted: accuracy where labels are known, latency, and where it went.

    The column local counts the answers of a local exit in place of the plan's; the last one, where inputs
    left early, how many did at which exit.
    """
    left_early = any(row.answer.left_early for row in rows)
    by_plan: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_plan[str(row.answer.wanted)].append(row)
    last = ("in time", "local", *(("left early",) * left_early))
    table = _table(title, ("plan", "inputs", "accuracy", "p50 ms", "p95 ms", *_PARTS, *last))
    for plan, of_plan in by_plan.items():
        answers = [row.answer for row in of_plan]
        latencies_s = np.array([answer.latency_s for answer in answers])
        known = [row for row in of_plan if row.label_is_known]
        right = sum(row.expected == row.answer.label for row in known)
        table.add_row(
            plan,
            str(len(of_plan)),
            f"{right / len(known):.4f}" if known else "-",
            milliseconds_number(float(np.median(latencies_s))),
            milliseconds_number(float(np.quantile(latencies_s, 0.95))),
            *_parts(answers),
            f"{np.mean([answer.met_requirement for answer in answers]):.0%}",
            str(sum(answer.edge_error is not None for answer in answers)),
            *((_left_early(answers),) * left_early),
        )
    return table


def _by_edge(rows: Sequence[Row]) -> Counter[str]:
    """How many answers each edge took part in."""
    return Counter(row.answer.edge for row in rows if row.answer.edge is not None)


def _counts(counter: Counter[str]) -> str:
    """The most frequent first: ``lenet 8, lenet-p03 2``."""
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


def _left_early(answers: Sequence[Answer]) -> str:
    """How many inputs left at each exit: ``exit1 3, exit2 1``."""
    left = Counter(answer.plan.exit for answer in answers if answer.left_early)
    return ", ".join(f"{exit_name} {count}" for exit_name, count in sorted(left.items()))


def closing_lines(rows: Sequence[Row]) -> list[str]:
    """What all answers come to: right ones, latency, who left early, what was done in place of a plan."""
    answers, known = [row.answer for row in rows], [row for row in rows if row.label_is_known]
    lines = []
    if known:
        right = sum(row.expected == row.answer.label for row in known)
        lines.append(f"accuracy {right / len(known):.4f}: {right} of {len(known)} right")
    latencies_s = [answer.latency_s for answer in answers]
    in_time = sum(answer.met_requirement for answer in answers)
    lines.append(
        f"latency {milliseconds(float(np.mean(latencies_s)))} in the mean, {milliseconds(max(latencies_s))} "
        f"at worst: "
        f"{in_time} of {len(answers)} in time"
    )
    decided_s = float(np.mean([answer.decided_s for answer in answers]))
    if decided_s >= _MUCH_DECIDING * np.mean(latencies_s):
        lines.append(f"plans were chosen in {milliseconds(decided_s)} in the mean, which is in no column")
    edges = _by_edge(rows)
    if len(edges) > 1:
        lines.append(f"by edge: {_counts(edges)}")
    endpoints = Counter(answer.endpoint for answer in answers if answer.endpoint is not None)
    if len(endpoints) > 1:
        lines.append(f"by endpoint: {_counts(endpoints)}")
    if early := sum(answer.left_early for answer in answers):
        lines.append(f"{early} of {len(answers)} left early: {_left_early(answers)}")
    others = Counter(
        f"{answer.plan} in place of {answer.wanted}"
        for answer in answers
        if answer.plan != answer.wanted and not answer.left_early
    )
    if others:
        done = ", ".join(
            f"{what} {counted(count, 'time')}" for what, count in others.most_common(_MOST_OTHERS)
        )
        more = f", and {len(others) - _MOST_OTHERS} more such" if len(others) > _MOST_OTHERS else ""
        lines.append(f"{others.total()} of {len(answers)} by another plan than was wanted: {done}{more}")
    return lines


_MUCH_DECIDING = 0.1
"""Of the latency in the mean; what choosing plans usually takes is far less."""
_MOST_OTHERS = 3
"""Plans that were carried out in place of others are named, at most so many."""
_PARTS = ("codec", "link", "edge", "device", "up B", "down B")
LEAST_FIRST = ("down B", "up B", "codec", "device", "edge", "link", "sure", "p95 ms")
"""Headings of the columns that a narrow terminal can do without."""


def _parts(answers: Sequence[Answer]) -> list[str]:
    """Medians of where the time went, in milliseconds, and of the bytes."""
    times = [answer.timeline for answer in answers]
    rows_s = np.array(
        [[time.encode_s + time.decode_s, time.network_s, time.edge_s, time.tail_s] for time in times]
    )
    rows_bytes = np.array([[time.sent_bytes, time.received_bytes] for time in times])
    return [
        *(milliseconds_number(float(part_s)) for part_s in np.median(rows_s, axis=0)),
        *(f"{size:.0f}" for size in np.median(rows_bytes, axis=0)),
    ]


_WORDS = ("input", "answer", "plan", "by", "left at", "in time", "left early")
_FOLDED = ("input", "answer", "plan", "left early")


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in columns:
        words = name in _WORDS
        table.add_column(
            name, no_wrap=name not in _FOLDED, overflow="fold", justify="left" if words else "right"
        )
    return table
