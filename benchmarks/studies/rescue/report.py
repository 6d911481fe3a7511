"""Tables of what answered, side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.rescue.devices import METHODS
from benchmarks.studies.study import Report, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.rescue.measure import Answered
    from benchmarks.studies.rescue.splitting import Split

_COLUMNS = (
    "plan sends",
    "requirement",
    "the link",
    "rescue",
    "requests",
    "in time",
    "latest ms",
    "accuracy in time",
    "accuracy",
    "exits answered",
    "exits passed",
)
_SPLITTING = (
    "network",
    "exit",
    "one session, ms",
    "pieces, ms",
    "difference",
    "with all exits before it, ms",
)
_SPLITTING_NOTE = (
    "Medians on one core, hot: the path in one session, in the pieces between exits with the exits before it "
    "passed by, and with these answered, too."
)


def report(answers: Sequence[Answered], splits: Sequence[Split]) -> Report:
    """A row for each device, requirement and kind of death; the photos are the same in all of them."""
    groups = defaultdict(list)
    for one in answers:
        groups[one.cell.direction, one.cell.requirement_s, one.death.kind, METHODS.index(one.method)].append(
            one
        )
    rows = [
        [direction, f"{requirement_s * 1e3:g} ms", kind, METHODS[method], *_figures(groups[key])]
        for key in sorted(groups)
        for direction, requirement_s, kind, method in [key]
    ]
    plans = Counter((one.cell.requirement_s, one.plan) for one in answers)
    facts = [
        f"{requirement_s * 1e3:g} ms: {plan}, {count:,} requests"
        for (requirement_s, plan), count in sorted(plans.items())
    ]
    tables = [Table("What is answered", _COLUMNS, rows), splitting_table(splits)]
    return Report(facts, tables, {}, {"answers": answers, "splitting": splits})


def splitting_table(splits: Sequence[Split]) -> Table:
    """A row for each exit of each network."""
    rows = [
        [
            split.network,
            split.exit,
            f"{split.whole_s * 1e3:.3f}",
            f"{split.pieces_s * 1e3:.3f}",
            f"{split.pieces_s / split.whole_s - 1:+.1%}",
            f"{split.answering_s * 1e3:.3f}",
        ]
        for split in splits
    ]
    return Table("What splitting costs", _SPLITTING, rows, _SPLITTING_NOTE)


def _figures(answers: Sequence[Answered]) -> list[str]:
    """Cells of one row."""
    over_s = np.array([one.latency_s - one.cell.requirement_s for one in answers])
    right = np.array([one.is_right for one in answers])
    exits = Counter(one.exit for one in answers)
    return [
        str(len(answers)),
        f"{np.mean(over_s <= 0):.1%}",
        f"{over_s.max() * 1e3:+.1f}",
        f"{np.mean(right & (over_s <= 0)):.3f}",
        f"{right.mean():.3f}",
        ", ".join(f"{name} {exits[name]}" for name in sorted(exits)),
        f"{np.mean([len(one.passed) for one in answers]):.1f}",
    ]
