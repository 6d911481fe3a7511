"""Tables: what one of two edges costs that fails, and three unequal edges beside the best static split."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.edges.failing import HARMS, REQUIREMENT_S, until_the_other_s
from benchmarks.studies.edges.unequal import SPEEDS, name_of
from benchmarks.studies.study import Report, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.edges import failing, unequal
    from benchmarks.studies.edges.split_search import Split

_FAILING = (
    "fault of the edge that is asked",
    "requests",
    "answered",
    "late",
    "slowest ms",
    "by the device",
    "other edge after, median ms",
    "longest ms",
)
_UNEQUAL = ("requests go", "requests", "accuracy in time", *(f"at speed {speed:g}" for speed in SPEEDS))


@dataclass(frozen=True)
class Tried:
    """A split that the search measured.

    Attributes:
        split: What the edges get, in percent.
        accuracy: Mean accuracy in time.
    """

    split: Split
    accuracy: float


def accuracy_in_time(asked: Sequence[unequal.Asked]) -> float:
    """The mean over all requests; 0 for those that nobody answered in time."""
    return float(np.mean([one.accuracy for one in asked]))


def report(
    rounds: Sequence[Sequence[failing.Asked]],
    requests: int,
    planned: Sequence[unequal.Asked],
    best: Sequence[unequal.Asked],
    tried: Sequence[Tried],
) -> Report:
    """The report of a run.

    Args:
        rounds: With a fault each.
        requests: How many were made in each.
        planned: Requests that go where it is planned.
        best: Those under the best split, measured anew beside the planned ones.
        tried: What the search for it measured.
    """
    failing_rows = [
        _failing_cells(harm, [of for of in rounds if of and of[0].harm == harm], requests) for harm in HARMS
    ]
    unequal_rows = [_unequal_cells("where it is planned", planned), _unequal_cells("by the best split", best)]
    behind = 1.0 - accuracy_in_time(planned) / max(accuracy_in_time(best), 1e-9)
    side = "behind" if behind > 0 else "ahead of"
    fact = (
        f"Three unequal edges: planned requests are {abs(behind):.1%} {side} the best of {len(tried)} static "
        f"splits, {_in_words(best[0].split)}."
    )
    return Report(
        [fact],
        [
            Table("One of two edges fails", _FAILING, failing_rows),
            Table("Three unequal edges", _UNEQUAL, unequal_rows),
        ],
        records={
            "failing": [one for of_round in rounds for one in of_round],
            "unequal": [*planned, *best],
            "splits": tried,
        },
    )


def _failing_cells(harm: str, rounds: Sequence[Sequence[failing.Asked]], requests: int) -> list[str]:
    asked = [one for of_round in rounds for one in of_round]
    waits_s = [until_the_other_s(of_round) for of_round in rounds]
    known_s = [wait_s for wait_s in waits_s if wait_s is not None]
    never = len(waits_s) - len(known_s)
    return [
        harm,
        f"{requests * len(rounds):,}",
        f"{len(asked) / (requests * len(rounds)):.0%}",
        str(sum(one.latency_s > REQUIREMENT_S for one in asked)),
        f"{max(one.latency_s for one in asked) * 1e3:.1f}",
        str(sum(one.edge is None for one in asked)),
        f"{median(known_s) * 1e3:.1f}" if known_s else "never",
        f"{never} times never" if never else f"{max(known_s) * 1e3:.1f}",
    ]


def _unequal_cells(how: str, asked: Sequence[unequal.Asked]) -> list[str]:
    shares = (np.mean([one.edge == name_of(speed) for one in asked]) for speed in SPEEDS)
    split = asked[0].split
    named = how if split is None else f"{how}, {_in_words(split)}"
    return [named, str(len(asked)), f"{accuracy_in_time(asked):.1%}", *(f"{share:.0%}" for share in shares)]


def _in_words(split: Split | None) -> str:
    return " : ".join(map(str, split or ()))
