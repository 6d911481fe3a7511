"""Replays as a table to read, and a sentence where there is nothing to tell apart."""

from collections.abc import Sequence

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import ACCURACY
from edgent.replay.figures import ORACLE, Figures
from edgent.replay.simulator import Replay
from edgent.units import milliseconds_number

_AFTER_MEASURE = ("ms", "late", "local", "switches/min")
"""Behind the reward that was striven for and the measure of accuracy: mean latency of the answers in time and
how many times the oracle's it is, late answers, answers of a local exit standing by, and switches of plan a
minute."""


def least_first(measure: str) -> tuple[str, ...]:
    """Headings of the columns that a narrow terminal can do without."""
    return "switches/min", "local", measure, "ms"


def replay_table(
    figures: Sequence[Figures], title: str, throughput_weight: float, measure: str = ACCURACY
) -> Table:
    """One row for each policy; reward and latency also beside the oracle's.

    Args:
        figures: of the policies.
        title: above the table.
        throughput_weight: of the reward that policies strove for.
        measure: what accuracy is measured by.
    """
    oracle = next((row for row in figures if row.policy == ORACLE), None)
    table = Table(
        title=title,
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption=f"reward: {reward_in_words(throughput_weight, measure)} if in time, else 0"
        + "; in brackets, of the oracle's" * (oracle is not None),
        caption_justify="left",
    )
    table.add_column("policy", no_wrap=True)
    for heading in ("reward", measure, *_AFTER_MEASURE):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in figures:
        reward, share = _reward(row, throughput_weight), ""
        if oracle is not None and _reward(oracle, throughput_weight) > 0:
            share = f" ({reward / _reward(oracle, throughput_weight):.1%})"
        latency = "" if row.latency_s is None else milliseconds_number(row.latency_s)
        if row.latency_over_oracle is not None:
            latency += f" ({row.latency_over_oracle:.2f}x)"
        table.add_row(
            row.policy,
            f"{reward:.{1 if throughput_weight else 3}f}{share}",
            f"{row.accuracy:.3f}",
            latency,
            f"{row.late_share:.1%}",
            f"{row.fallback_share:.1%}",
            f"{row.switches_per_minute:.2f}",
        )
    return table


def reward_in_words(throughput_weight: float, measure: str = ACCURACY) -> str:
    """What an answer in time is worth."""
    return f"exp({measure}) + answers a second" if throughput_weight else f"exp({measure})"


def _reward(row: Figures, throughput_weight: float) -> float:
    return row.paper_reward if throughput_weight else row.accuracy_reward


def nothing_to_tell_apart(
    replays: Sequence[tuple[Replay, ...]], table: CostTable, *, is_steady: bool
) -> str | None:
    """That every policy chose one and the same plan all along, as a sentence; None where they did not.

    Args:
        replays: for each trace those of all policies.
        table: the plans that they chose from.
        is_steady: whether no trace's bandwidth ever changes.
    """
    chosen = np.unique(np.concatenate([one.candidate for of_trace in replays for one in of_trace]))
    if chosen.size > 1 or len(replays[0]) < 2:
        return None
    same = f"Every policy chose {table.plans[int(chosen[0])]} at every step, so nothing tells them apart"
    if is_steady:
        return f"{same}: the bandwidth never changes. Traces on which it does (--traces) may."
    return f"{same}: a slower device (a larger --slowdown) or a tighter requirement (--latency-ms) may."
