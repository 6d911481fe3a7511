"""What the device's program says of an answered request."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from device_runtime.answer import Answer


@dataclass(frozen=True)
class Reply:
    """One answered request.

    Attributes:
        plan: What was done: a local exit where the edge was late.
        predicted_s: What was planned with; None under a given plan.
        began_s: When the request began, on the machine's monotonic clock.
        stage_s: Seconds of every step of the plan that is measured by itself, by its name.
        network_s: Seconds of the exchange without the head's compute time; 0 where there was no exchange.
        sent_bytes, received_bytes: On the connection, with what HTTP or gRPC adds.
        bandwidth_bps: The upload bandwidth that the runtime believed in; None under a fixed plan.
        edge_error: Why the edge did not answer; None where it did, or was not asked.
        edge: Which one took part in the answer, by its name; None where none did.
        left_early: Whether the exit rule let the input leave before the exit that was wanted.
        switched: Why the plan differs from the request's before; None where it does not.
    """

    plan: Plan
    wanted: Plan
    latency_s: float
    predicted_s: float | None = None
    began_s: float = 0.0
    stage_s: Mapping[str, float] = field(default_factory=dict)
    network_s: float = 0.0
    edge_s: float = 0.0
    sent_bytes: int = 0
    received_bytes: int = 0
    bandwidth_bps: float | None = None
    edge_error: str | None = None
    edge: str | None = None
    left_early: bool = False
    switched: str | None = None
    state_changed: bool = False
    logits: tuple[float, ...] = ()

    @property
    def by_edge(self) -> bool:
        """Whether the answer came by way of the edge."""
        return self.plan.remote

    @classmethod
    def of(cls, answer: Answer, began_s: float) -> Reply:
        """From a runtime's answer."""
        times = answer.timeline
        return cls(
            plan=answer.plan,
            wanted=answer.wanted,
            latency_s=answer.latency_s,
            predicted_s=answer.predicted_s,
            began_s=began_s,
            stage_s={step.name: seconds for step, seconds in times.seconds.items()},
            network_s=times.network_s,
            edge_s=times.edge_s,
            sent_bytes=times.sent_bytes,
            received_bytes=times.received_bytes,
            bandwidth_bps=answer.bandwidth_bps,
            edge_error=answer.edge_error,
            edge=answer.edge,
            left_early=answer.left_early,
            switched=answer.switched,
            state_changed=answer.state_changed,
            logits=tuple(answer.logits.tolist()),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a line of JSON."""
        return asdict(self) | {"plan": str(self.plan), "wanted": str(self.wanted)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Reply:
        """What `to_json` made."""
        plans = {name: Plan.parse(said[name]) for name in ("plan", "wanted")}
        return cls(**{**said, **plans, "logits": tuple(said["logits"])})
