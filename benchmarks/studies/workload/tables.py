"""The tables of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import mean

from benchmarks.studies.comparison.limit import LimitRow
from benchmarks.studies.comparison.tables import limits_table
from benchmarks.studies.study import Table
from benchmarks.studies.workload.cells import Cell, possible
from benchmarks.studies.workload.devices import BEFORE
from benchmarks.studies.workload.equal_accuracy import BOOKED, equal_accuracy
from benchmarks.studies.workload.methods import METHODS, OURS, SMALL, STOCK

_WHAT = {
    OURS: "plans by itself: every exit, window and codec, a local exit standing by",
    STOCK: "the photo's own JPEG posted to an image classifier in TorchServe",
    SMALL: "the trunk on 128x128, a third of the work, its classifier fitted for that",
    BEFORE: "without windows, feature codecs and exit rules",
} | {name: method.what for name, method in METHODS.items()}
_NOT_ASKED = "—"
_LIMIT = (
    "T* is what the same frames would take over a bare TCP connection: its round trip, their bytes at the "
    "link's rate, and codecs and segments measured alone. The link's own delay is 0 here."
)


def tables(cells: Sequence[Cell], limits: Sequence[LimitRow], *, ranks: bool = True) -> list[Table]:
    """Everything that the report says in figures.

    Args:
        cells: Of everything that was measured.
        limits: What was measured of the distance to the limit.
        ranks: Whether there are answers enough to put the better methods first.
    """
    counted = possible(cells)
    main = [name for name in counted[0].outcomes if name == OURS or name in {*METHODS, STOCK, SMALL}]
    ablated = [cell for cell in counted if BEFORE in cell.outcomes]
    return [
        _methods(counted, sorted(main, key=lambda name: -_mean(counted, name)) if ranks else main),
        *([_links(counted)] if ranks else []),
        *([_ablation(ablated)] if ablated else []),
        *([equal_accuracy(counted, [name for name in main if name != OURS])] if ranks else []),
        *([replace(limits_table(limits), note=_LIMIT)] if limits else []),
    ]


def _methods(cells: Sequence[Cell], names: Sequence[str]) -> Table:
    slowdowns = sorted({cell.condition.slowdown for cell in cells})
    rows = []
    for name in names:
        outcomes = [cell.outcomes[name] for cell in cells]
        answers = [answer for outcome in outcomes for answer in outcome.answers]
        by_device = [[one for one in cells if one.condition.slowdown == each] for each in slowdowns]
        rows.append(
            (
                name,
                _WHAT[name],
                *(_mean_if_asked(own, name) for own in (cells, *by_device)),
                f"{mean(outcome.late_share for outcome in outcomes):.1%}" if answers else _NOT_ASKED,
                f"{mean(answer.right for answer in answers):.1%}" if answers else _NOT_ASKED,
                f"{mean(answer.accuracy for answer in answers):.1%}" if answers else _NOT_ASKED,
                f"{mean(answer.sent_bytes for answer in answers):,.0f}" if answers else _NOT_ASKED,
                f"{1e3 * mean(answer.device_s for answer in answers):.0f}" if answers else _NOT_ASKED,
            )
        )
    heads = (
        "method",
        "what it does",
        "accuracy in time",
        *(f"device {slowdown:g}x" for slowdown in slowdowns),
        "late",
        "right",
        "promised",
        "bytes up",
        "device, ms",
    )
    note = (
        f"Means over {len(cells)} cells in which something is in time. Of a method with several plans the "
        "best one of each cell counts, told after the fact; ours chooses by itself. A plan that is predicted "
        "to take over 1.3 times the longest requirement is not asked in that cell, and late there; "
        f"{_NOT_ASKED}: never asked, as each of its plans is predicted so late, or there is no exit rule. "
        "right: of all answers, late or not, by the labels of the photos asked; promised: counted on all 700 "
        f"held-out. {BOOKED} A photo's pixels and its JPEG file are both at hand."
    )
    return Table("Methods", heads, rows, note)


def _mean(cells: Sequence[Cell], name: str) -> float:
    return mean(cell.outcomes[name].accuracy_in_time for cell in cells) if cells else 0.0


def _mean_if_asked(cells: Sequence[Cell], name: str) -> str:
    return f"{_mean(cells, name):.1%}" if any(cell.outcomes[name].answers for cell in cells) else _NOT_ASKED


def _links(cells: Sequence[Cell]) -> Table:
    by_condition: dict[str, list[Cell]] = {}
    for cell in cells:
        by_condition.setdefault(str(cell.condition), []).append(cell)
    rows = []
    for condition, own in by_condition.items():
        ahead = [cell.ours.accuracy_in_time - cell.best_other.accuracy_in_time for cell in own]
        rows.append(
            (
                condition,
                f"{len(own)}",
                f"{_mean(own, OURS):.1%}",
                f"{mean(cell.best_other.accuracy_in_time for cell in own):.1%}",
                f"{100 * min(ahead):+.1f}",
                f"{100 * max(ahead):+.1f}",
                ", ".join(dict.fromkeys(f"`{cell.ours.usual_plan}`" for cell in own)),
            )
        )
    heads = (
        "device, link",
        "cells",
        OURS,
        "best other",
        "least ahead",
        "most ahead",
        "plans, by requirement",
    )
    note = (
        "Accuracy in time, in the mean of the requirements within which something is in time; best other: "
        "chosen anew in each cell. Ahead: points of ours before it."
    )
    return Table("Links", heads, rows, note)


def _ablation(cells: Sequence[Cell]) -> Table:
    """What each part is worth, where ours was run without it, too."""
    parts = [name for name in cells[0].outcomes if name == BEFORE or name.startswith("without")]
    rows = [_without(cells, name) for name in (OURS, *parts)]
    heads = (
        "runtime",
        "accuracy in time",
        "to ours, points",
        "late",
        "latency, ms",
        "bytes up",
        "device, ms",
    )
    note = (
        f"{len(cells)} cells on links on which ours was run without each of its parts as well. without "
        f"shallower exits: the deepest alone, so without rules, too. latency: of an answer. {BOOKED}"
    )
    return Table("What each part is worth", heads, rows, note)


def _without(cells: Sequence[Cell], name: str) -> tuple[str, ...]:
    answers = [answer for cell in cells for answer in cell.outcomes[name].answers]
    means: Mapping[str, float] = {
        field: mean(getattr(answer, field) for answer in answers)
        for field in ("latency_s", "sent_bytes", "device_s")
    }
    return (
        name,
        f"{_mean(cells, name):.1%}",
        f"{100 * (_mean(cells, name) - _mean(cells, OURS)):+.1f}",
        f"{mean(cell.outcomes[name].late_share for cell in cells):.1%}",
        f"{1e3 * means['latency_s']:.0f}",
        f"{means['sent_bytes']:,.0f}",
        f"{1e3 * means['device_s']:.0f}",
    )
