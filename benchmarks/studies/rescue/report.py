"""Tables of what answered, side by side."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.rescue.devices import METHODS
from benchmarks.studies.study import Report, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.rescue.measure import Answered

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


def report(answers: Sequence[Answered]) -> Report:
    """A row for each device, requirement and kind of death; the photos are the same in all of them."""
    cells = sorted({(one.cell.direction, one.cell.requirement_s) for one in answers}, reverse=True)
    rows = []
    for direction, requirement_s in reversed(cells):
        for kind in ("reset", "silence"):
            of_cell = [
                one
                for one in answers
                if (one.cell.direction, one.cell.requirement_s) == (direction, requirement_s)
                and one.death.kind == kind
            ]
            for method in METHODS:
                chosen = [one for one in of_cell if one.method == method]
                rows.append([direction, f"{requirement_s * 1e3:g} ms", kind, method, *_figures(chosen)])
    plans = Counter((one.cell.requirement_s, one.plan) for one in answers)
    facts = [
        f"{requirement_s * 1e3:g} ms: {plan}, {count:,} requests"
        for (requirement_s, plan), count in sorted(plans.items())
    ]
    return Report(facts, [Table("", _COLUMNS, rows)], {}, {"answers": answers})


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
