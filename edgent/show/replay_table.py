"""Replays as a table to read."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from edgent.replay.figures import ORACLE, Figures

_HEADINGS = (
    "reward",
    "exp(accuracy)",
    "acc.",
    "ms",
    "late",
    "local",
    "sw/min",
)
"""Rewards (the paper's, and of accuracy alone), accuracy, mean latency of the answers in time and how many
times the oracle's it is, late answers, answers of a local exit standing by, and switches of plan a minute."""


def replay_table(figures: Sequence[Figures], title: str) -> Table:
    """One row for each policy; rewards and latency also beside the oracle's."""
    oracle = next((row for row in figures if row.policy == ORACLE), None)
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=0)
    table.add_column("policy", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in figures:
        paper_share = accuracy_share = ""
        if oracle is not None and oracle.paper_reward > 0:
            paper_share = f" ({row.paper_reward / oracle.paper_reward:.1%})"
            accuracy_share = f" ({row.accuracy_reward / oracle.accuracy_reward:.1%})"
        latency = "" if row.latency_s is None else f"{1e3 * row.latency_s:.1f}"
        if row.latency_over_oracle is not None:
            latency += f" ({row.latency_over_oracle:.2f}x)"
        table.add_row(
            row.policy,
            f"{row.paper_reward:.1f}{paper_share}",
            f"{row.accuracy_reward:.3f}{accuracy_share}",
            f"{row.accuracy:.3f}",
            latency,
            f"{row.late_share:.1%}",
            f"{row.fallback_share:.1%}",
            f"{row.switches_per_minute:.2f}",
        )
    return table
