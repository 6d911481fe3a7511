"""Lines of recordings, as tests need them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edgent.recording.description import Description, RecordedExit
from edgent.recording.history import History
from edgent.recording.lines import RecordedAnswer, RecordedBandwidth, RecordedEdge

STARTED_S = 1_790_000_000.0
TRUNK = tuple(f"layer{number}" for number in range(1, 7))
DESCRIPTION = Description(
    pipeline="flowers",
    edgent="0.1.0",
    started="2026-09-21T15:33:20+02:00",
    started_s=STARTED_S,
    latency_requirement_ms=100.0,
    measure="accuracy",
    exits=(
        RecordedExit("exit1", 0.7, (*TRUNK[:2], "branch1")),
        RecordedExit("exit2", 0.9, TRUNK),
    ),
    edges=("hall",),
)
LINK = RecordedEdge(
    "hall",
    upload_kbps=RecordedBandwidth(640.0, 400.0, 900.0),
    download_kbps=RecordedBandwidth(5120.0, 4000.0, 6000.0),
    round_trip_ms=12.5,
)
ANSWER = RecordedAnswer(
    kind="answer",
    time_s=STARTED_S + 1.0,
    index=0,
    input="photo0.jpg",
    exit="exit2",
    window=(2, 5),
    codec={"input": "float32", "activation": "uint8"},
    plan="exit2:p2-p5:uint8",
    wanted="exit2:p2-p5:uint8",
    latency_ms=43.21,
    latency_requirement_ms=100.0,
    timeline_ms={"before": 5.0, "edge": 2.5, "device": 7.25},
    sent_bytes=3200,
    received_bytes=812,
    label="rose",
    confidence=0.934,
    predicted_ms=40.0,
    edge="hall",
    accuracy=0.871,
    edges=(LINK,),
)
ALONE = replace(
    ANSWER,
    exit="exit1",
    window=(0, 0),
    codec={"input": "raw", "activation": "float32"},
    plan="exit1:p0",
    edge=None,
    fallback="EdgeTimeoutError: tiny-p02 had not answered when the local exit had to start",
    latency_ms=130.0,
    accuracy=0.7,
    edges=None,
)
"""The device's own answer, late, after the edge had not answered."""


def history(*lines: Any, **changes: Any) -> History:
    """What lines add up to; keywords change the description."""
    made = History(replace(DESCRIPTION, **changes))
    for line in lines:
        made.add(line)
    return made
