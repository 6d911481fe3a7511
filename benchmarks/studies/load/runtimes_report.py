"""The table of whole runtimes at slow edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.load.fairness import FAIRNESS_HEADS, Fairness, fairness_of
from benchmarks.studies.study import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.load.runtimes import Request, RuntimesCell

_HEADS = (
    "edges",
    "devices",
    "load",
    "due",
    "not asked",
    "by the edge in time, per second",
    "of what was due or fits",
    "in time by anyone",
    "late",
    "late of those computed",
    "computed in vain",
    "queue as told, ms",
    "accuracy",
    *FAIRNESS_HEADS,
)


def is_in_time(cell: RuntimesCell, request: Request) -> bool:
    """Whether it was answered in time, by whoever."""
    return request.is_asked and request.latency_s <= cell.requirement_s


def goodput_hz(cell: RuntimesCell) -> float:
    """Answers of an edge in time, per second."""
    return sum(bool(one.by_edge) and is_in_time(cell, one) for one in cell.counted) / cell.counted_s


def late_share(cell: RuntimesCell) -> float:
    """The share of all that were asked that was answered late."""
    return _share([not is_in_time(cell, one) for one in cell.counted if one.is_asked])


def late_of_computed(cell: RuntimesCell) -> float:
    """The same of those that an edge computed."""
    return _share([not is_in_time(cell, one) for one in cell.counted if one.is_run])


def in_vain(cell: RuntimesCell) -> float:
    """The share of runs whose answer was not the one that was given."""
    return _share([not one.by_edge for one in cell.counted if one.is_run])


def mean_queue_s(cell: RuntimesCell) -> float:
    """Mean time in an edge's queue of the answers that edges gave."""
    queues_s = [one.queue_s for one in cell.counted if one.queue_s is not None]
    return float(np.mean(queues_s)) if queues_s else 0.0


def fairness(cell: RuntimesCell) -> Fairness:
    """Of what an edge answered in time, of all that devices asked."""
    asked = [one for one in cell.counted if one.is_asked]
    return fairness_of(
        [bool(one.by_edge) and is_in_time(cell, one) for one in asked if one.device == device]
        for device in range(cell.devices)
    )


def runtimes_table(cells: Sequence[RuntimesCell], capacity_hz: float) -> Table:
    """A row for each number of edges, of devices, and each load.

    Args:
        cells: what was measured.
        capacity_hz: what one edge can compute a second.
    """
    return Table("", _HEADS, [_row(cell, capacity_hz) for cell in cells])


def _row(cell: RuntimesCell, capacity_hz: float) -> list[str]:
    counted = cell.counted
    asked = [one for one in counted if one.is_asked]
    in_time = [one for one in asked if is_in_time(cell, one)]
    fits_hz = min(len(counted) / cell.counted_s, cell.edges * capacity_hz)
    return [
        str(cell.edges),
        str(cell.devices),
        f"{cell.load:g}",
        str(len(counted)),
        f"{1 - len(asked) / max(len(counted), 1):.1%}",
        f"{goodput_hz(cell):.1f}",
        f"{goodput_hz(cell) / fits_hz:.0%}" if fits_hz else "-",
        f"{len(in_time) / max(len(asked), 1):.1%}",
        f"{late_share(cell):.1%}",
        f"{late_of_computed(cell):.1%}",
        f"{in_vain(cell):.1%}",
        f"{mean_queue_s(cell) * 1e3:.1f}",
        f"{np.mean([one.accuracy for one in in_time]):.4f}" if in_time else "-",
        *fairness(cell).cells(),
    ]


def _share(found: Sequence[bool]) -> float:
    return sum(found) / max(len(found), 1)
