"""Where the time of a plan goes: what is predicted of its parts beside what is measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.testbed.device.reply import Reply
from edgent.planning.latency_parts import LatencyParts
from edgent.planning.stages import MOVES, Step

_EDGE_CODECS = (Step.DECODE_UP, Step.ENCODE_DOWN)
_LAYERS = (Step.RUN_BEFORE, Step.RUN_DEVICE)
_CODECS = (Step.ENCODE_UP, Step.DECODE_DOWN)


@dataclass(frozen=True)
class PlanParts:
    """Seconds of one request.

    Attributes:
        layers_s: Layers on the device.
        codecs_s: Codecs on the device.
        edge_s: Layers on the edge.
        network_s: The exchange beside these: link, HTTP or gRPC, TorchServe, the edge's codecs.
        rest_s: What no part of a plan is.
    """

    layers_s: float
    codecs_s: float
    edge_s: float
    network_s: float
    rest_s: float

    @classmethod
    def predicted(cls, parts: LatencyParts) -> "PlanParts":
        """As the cost table has it."""
        seconds = parts.seconds
        known = {*_LAYERS, *_CODECS, Step.RUN_EDGE, *MOVES, *_EDGE_CODECS}
        return cls(
            sum(seconds.get(step, 0.0) for step in _LAYERS),
            sum(seconds.get(step, 0.0) for step in _CODECS),
            seconds.get(Step.RUN_EDGE, 0.0),
            parts.round_trip_s + sum(seconds.get(step, 0.0) for step in (*MOVES, *_EDGE_CODECS)),
            sum(value for step, value in seconds.items() if step not in known),
        )

    @classmethod
    def measured(cls, replies: Sequence[Reply]) -> "PlanParts":
        """Medians of some requests under one plan."""
        return cls(
            median(_sum(reply, _LAYERS) for reply in replies),
            median(_sum(reply, _CODECS) for reply in replies),
            median(reply.edge_s for reply in replies),
            median(reply.network_s for reply in replies),
            median(reply.latency_s - reply.network_s - sum(reply.stage_s.values()) for reply in replies),
        )


def _sum(reply: Reply, steps: Sequence[Step]) -> float:
    return sum(reply.stage_s.get(step.name, 0.0) for step in steps)
