"""Replays as a table to read and as a CSV file to go on with."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

from edgent.errors import DataError
from edgent.replay.figures import ORACLE, Figures, figures_by_policy
from edgent.replay.simulator import Replay

_HEADINGS = (
    "reward",
    "exp(accuracy)",
    "per s",
    "acc.",
    "late",
    "avoid.",
    "local",
    "sw/min",
)
"""Rewards (the paper's, and of accuracy alone), answers a second, accuracy, late answers, those of them where
the oracle was in time, answers of a local exit standing by, and switches of plan a minute."""


def replay_table(figures: Sequence[Figures], title: str) -> Table:
    """One row for each policy; rewards also as a share of the oracle's."""
    oracle = next((one for one in figures if one.policy == ORACLE), None)
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=0)
    table.add_column("policy", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for one in figures:
        paper_share = accuracy_share = avoidable = ""
        if oracle is not None and oracle.paper_reward > 0:
            paper_share = f" ({one.paper_reward / oracle.paper_reward:.1%})"
            accuracy_share = f" ({one.accuracy_reward / oracle.accuracy_reward:.1%})"
        if one.avoidable_late_share is not None:
            avoidable = f"{one.avoidable_late_share:.1%}"
        table.add_row(
            one.policy,
            f"{one.paper_reward:.1f}{paper_share}",
            f"{one.accuracy_reward:.3f}{accuracy_share}",
            f"{one.throughput:.1f}",
            f"{one.accuracy:.3f}",
            f"{one.late_share:.1%}",
            avoidable,
            f"{one.fallback_share:.1%}",
            f"{one.switches_per_minute:.2f}",
        )
    return table


def write_csv(path: Path, replays: Sequence[tuple[Replay, ...]]) -> None:
    """One line for each trace and policy.

    Args:
        path: of the file.
        replays: for each trace those of all policies.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["trace", *(field.name for field in fields(Figures))])
            writer.writeheader()
            for of_trace in replays:
                for one in figures_by_policy([of_trace]):
                    writer.writerow({"trace": of_trace[0].trace, **asdict(one)})
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}; choose a writable folder") from None
