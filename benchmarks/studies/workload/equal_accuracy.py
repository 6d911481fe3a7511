"""What other methods send and compute where they are as accurate as ours."""

from collections.abc import Sequence
from statistics import mean

from benchmarks.studies.study import Table
from benchmarks.studies.workload.cells import LEVEL, Cell, Outcome


def equal_accuracy(cells: Sequence[Cell], names: Sequence[str]) -> Table:
    """Bytes and seconds of ours and of each other method, in the cells in which both are level.

    Args:
        cells: In which something is in time.
        names: The other methods.
    """
    rows = []
    for name in names:
        level = [cell for cell in cells if _are_level(cell.ours, cell.outcomes[name])]
        if level:
            pairs = [(cell.outcomes[name], cell.ours) for cell in level]
            theirs, own = zip(*pairs, strict=True)
            rows.append((name, f"{len(level)}", *_figures(theirs), *_figures(own)))
    heads = (
        *("method", "cells"),
        *(f"its {what}" for what in _WHAT),
        *(f"ours: {what}" for what in _WHAT),
    )
    note = (
        f"Cells in which both answer with the same accuracy in time, to {100 * LEVEL:g} points. Means of an "
        f"answer. {BOOKED} The stock classifier's device only sends a file that it has."
    )
    return Table("At equal accuracy", heads, rows, note)


BOOKED = (
    "bytes, device: of an answer; device: milliseconds that the device is busy. Where a local exit answered "
    "in the edge's place, the bytes of the frame that was handed over count, without headers, whether or not "
    "all of them arrived, and device is what the device computed for that answer. A local exit that had "
    "begun when the edge answered is left out."
)
"""What is booked of an answer, for the notes of tables."""
_WHAT = ("bytes up", "device, ms", "latency, ms")


def _are_level(first: Outcome, second: Outcome) -> bool:
    return bool(second.answers) and abs(first.accuracy_in_time - second.accuracy_in_time) <= LEVEL


def _figures(outcomes: Sequence[Outcome]) -> tuple[str, str, str]:
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    return (
        f"{mean(answer.sent_bytes for answer in answers):,.0f}",
        f"{1e3 * mean(answer.device_s for answer in answers):.0f}",
        f"{1e3 * mean(answer.latency_s for answer in answers):.0f}",
    )
