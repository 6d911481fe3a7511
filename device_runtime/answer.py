"""What a request comes back with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Timeline:
    """Where the time of one request went, in seconds; 0 for what did not happen.

    Attributes:
        encode_s: input to frame, on the device.
        network_s: the exchange less the head's compute time: link, HTTP and TorchServe.
        edge_s: the head, as the edge reports it.
        decode_s: frame to activation, on the device.
        tail_s: the tail, or a whole local path.
        sent_bytes, received_bytes: on the connection, HTTP headers included.
    """

    encode_s: float = 0.0
    network_s: float = 0.0
    edge_s: float = 0.0
    decode_s: float = 0.0
    tail_s: float = 0.0
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass(frozen=True)
class Answer:
    """One answered input.

    Attributes:
        label: name of the class.
        class_index: its number.
        confidence: softmax of the exit's logits at that class.
        logits: the exit's output, shape (classes,).
        plan: what was done.
        wanted: what was planned; differs from ``plan`` when the edge failed or the exit would have been late.
        latency_s: from the input to this answer.
        latency_requirement_s: what was asked for.
        timeline: where the time went.
        edge_error: why the plan's head did not answer; None when it did, or none was asked.
        switched: why the plan differs from the request's before; None when it does not.
        predicted_s: what the planner expected; None when the plan was fixed.
        missed: why the requirement was missed; None when it was met.
    """

    label: str
    class_index: int
    confidence: float
    logits: np.ndarray
    plan: Plan
    wanted: Plan
    latency_s: float
    latency_requirement_s: float
    timeline: Timeline
    edge_error: str | None = None
    switched: str | None = None
    predicted_s: float | None = None
    missed: str | None = None

    @property
    def met_requirement(self) -> bool:
        """Whether the answer was in time."""
        return self.latency_s <= self.latency_requirement_s

    def to_json(self) -> dict[str, Any]:
        """Plain values for a line of JSON; milliseconds, because people read them."""
        times = self.timeline
        return {
            "label": self.label,
            "confidence": round(self.confidence, 4),
            "exit": self.plan.exit,
            "plan": str(self.plan),
            "wanted": str(self.wanted),
            "latency_ms": round(self.latency_s * 1e3, 3),
            "latency_requirement_ms": round(self.latency_requirement_s * 1e3, 3),
            "met_requirement": self.met_requirement,
            "encode_ms": round(times.encode_s * 1e3, 3),
            "network_ms": round(times.network_s * 1e3, 3),
            "edge_ms": round(times.edge_s * 1e3, 3),
            "decode_ms": round(times.decode_s * 1e3, 3),
            "tail_ms": round(times.tail_s * 1e3, 3),
            "sent_bytes": times.sent_bytes,
            "received_bytes": times.received_bytes,
            "edge_error": self.edge_error,
            "switched": self.switched,
            "missed": self.missed,
            "predicted_ms": None if self.predicted_s is None else round(self.predicted_s * 1e3, 3),
        }
