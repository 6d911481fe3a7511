"""Answers as the columns that figures draw, a row each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.recording.lines import RecordedAnswer, RecordedEdge

IN_TIME, LATE = "in time", "late"
BOTH, EDGE, DEVICE = "device and edge", "edge", "device"
_MISSING = math.nan


def answer_columns(
    answers: Sequence[RecordedAnswer], started_s: float, layers: dict[str, int]
) -> dict[str, Any]:
    """A row for each answer.

    Args:
        answers: oldest first.
        started_s: when the recording began, seconds since 1970.
        layers: how many each exit's path has.
    """
    return {
        "time_s": [answer.time_s - started_s for answer in answers],
        "latency_ms": [answer.latency_ms for answer in answers],
        "predicted_ms": [_number(answer.predicted_ms) for answer in answers],
        "requirement_ms": [answer.latency_requirement_ms for answer in answers],
        "outcome": [LATE if answer.is_late else IN_TIME for answer in answers],
        "exit": [answer.exit for answer in answers],
        "place": [_place(answer, layers.get(answer.exit, 0)) for answer in answers],
        "plan": [answer.plan for answer in answers],
        "accuracy_percent": [_percent(answer.accuracy) for answer in answers],
        "input": [answer.input for answer in answers],
        "label": [answer.label or "" for answer in answers],
    }


def link_columns(answers: Sequence[RecordedAnswer], started_s: float, edge: str) -> dict[str, Any]:
    """A row for each time that something was written of an edge's link.

    Args:
        answers: oldest first.
        started_s: when the recording began, seconds since 1970.
        edge: its name.
    """
    seen = [
        (answer.time_s - started_s, known)
        for answer in answers
        for known in answer.edges or ()
        if known.name == edge and known.upload_kbps is not None
    ]
    columns: dict[str, Any] = {"time_s": [time_s for time_s, _ in seen]}
    for way in ("upload", "download"):
        for value in ("mean", "low", "high"):
            columns[f"{way}_{value}_kbps"] = [_kbps(known, way, value) for _, known in seen]
    return columns


def _kbps(edge: RecordedEdge, way: str, value: str) -> float:
    known = edge.upload_kbps if way == "upload" else edge.download_kbps
    return _MISSING if known is None else float(getattr(known, value))


def _place(answer: RecordedAnswer, layers: int) -> str:
    start, stop = answer.window
    if start == stop:
        return DEVICE
    return EDGE if (start, stop) == (0, layers) else BOTH


def _number(value: float | None) -> float:
    return _MISSING if value is None else value


def _percent(share: float | None) -> float:
    return _MISSING if share is None else 100 * share
