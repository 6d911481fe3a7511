"""What a recording says: its first line, and a line for each answer (`edgent.recording` reads them)."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from edgent.finite_json import finite_json
from edgent.planning.costs import ACCURACY
from edgent.recording.description import Description, RecordedExit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from device_runtime.answer import Answer
    from device_runtime.edges.edge_belief import BandwidthBelief, EdgeBelief
    from device_runtime.runtime import DeviceRuntime
    from edgent.inputs import GivenInput


def describe(runtime: DeviceRuntime, latency_requirement_s: float | None = None) -> Description:
    """What a recording of a runtime is of.

    Args:
        runtime: that will answer.
        latency_requirement_s: of its requests; the spec's when None.
    """
    spec, started_s = runtime.network.spec, time.time()
    accuracy = {exit_.name: exit_.accuracy for exit_ in spec.exits}
    return Description(
        pipeline=spec.name,
        edgent=version("edgent"),
        started=datetime.fromtimestamp(started_s).astimezone().isoformat(timespec="seconds"),
        started_s=started_s,
        latency_requirement_ms=1e3 * (latency_requirement_s or spec.latency_requirement_s),
        measure=ACCURACY if runtime.calibration is None else runtime.calibration.table.measure,
        exits=tuple(
            RecordedExit(path.exit_name, accuracy[path.exit_name], tuple(layer.name for layer in path.layers))
            for path in runtime.network.graph.paths
        ),
        edges=tuple(edge.name for edge in runtime.edges),
    )


def description_line(description: Description) -> str:
    """The first line."""
    return json.dumps(asdict(description))


def answer_line(
    time_s: float,
    index: int,
    item: GivenInput,
    answer: Answer,
    accuracy: float | None,
    beliefs: Iterable[EdgeBelief] | None,
    photo: str | None,
) -> str:
    """The line of an answer.

    Args:
        time_s: when it was there, seconds since 1970, UTC.
        index: the input's number.
        item: the input.
        answer: what came of it.
        accuracy: that it was promised to have.
        beliefs: of every edge; None: those of a moment before still stand.
        photo: a small picture of the input, JPEG in base64.
    """
    line = {
        "kind": "answer",
        "time_s": round(time_s, 3),
        "index": index,
        "input": item.name,
        "expected": item.expected,
        **answer.to_json(),
        "accuracy": accuracy,
        "edges": None if beliefs is None else [_edge(belief) for belief in beliefs],
        "photo": photo,
    }
    return finite_json({key: value for key, value in line.items() if value is not None})


def failure_line(time_s: float, index: int, item: GivenInput) -> str:
    """The line of an input that was not answered."""
    line = {"kind": "failure", "time_s": round(time_s, 3), "index": index, "input": item.name}
    return json.dumps(line | {"error": item.error or "it was not answered"})


def gap_line(lines: int) -> str:
    """The line that stands for others, which are missing."""
    return json.dumps({"kind": "gap", "lines": lines})


def _edge(belief: EdgeBelief) -> dict[str, Any]:
    if belief.link is None:
        return {"name": belief.name, "absence": belief.absence}
    return {
        "name": belief.name,
        "absence": belief.absence,
        "upload_kbps": _bandwidth(belief.link.upload),
        "download_kbps": _bandwidth(belief.link.download),
        "round_trip_ms": round(belief.link.round_trip_s * 1e3, 3),
    }


def _bandwidth(belief: BandwidthBelief) -> dict[str, float]:
    return {
        "mean": round(belief.mean_bps / 1e3, 3),
        "low": round(belief.low_bps / 1e3, 3),
        "high": round(belief.high_bps / 1e3, 3),
    }
