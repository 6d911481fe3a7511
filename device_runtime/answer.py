"""What a request comes back with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgent.core.probabilities import probabilities

if TYPE_CHECKING:
    from device_runtime.timeline import Timeline
    from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Answer:
    """One answered input.

    Attributes:
        label: name of the class; None where the pipeline's answers are arrays.
        class_index: its number; None in the same case.
        logits: the exit's output: shape (classes,), or any where answers are arrays.
        plan: what was done.
        wanted: what was planned; differs from ``plan`` when the edge failed or the exit would have been late.
        latency_s: from the input to this answer.
        latency_requirement_s: what was asked for.
        timeline: where the time went.
        prepare_s: seconds beside that in which the input was made what the network takes.
        waited_s: seconds for which it waited: for a probe of the link, by a plan that the caller named; in a
            stream for the device and for the edge, which had the frame before; and at addresses of the
            edge that refused it, before another one of them answered.
        decided_s: seconds in which the plan was chosen; in no stage, and about 0 where it was given.
        endpoint: which of TorchServe's endpoints took part: the head's own or the pipeline's; None: none did.
        edge: which one that was, by its name in the spec, or its address; None in the same case.
        passed: the exits that were asked on the way to this one, here or on the edge, or answered where the
            device answered alone after all, and this one; empty where none was.
        left_early: whether the exit rule let the input leave before the exit that was wanted.
        went_from: the partition point of the tensor that the device began with then; 0: the input.
        not_asked: why exits that the plan asks were not asked; None where all were, where it asks none, and
            where the device answered alone, for which ``edge_error`` has the reason.
        drift: that inputs leave at an exit more or less often than those that the exit rule was found on, on
            the answer at which it was found; None on all others.
        edge_error: why the plan's head did not answer; None when it did, or none was asked.
        edge_absent: why all edges are left alone, where no head was asked; None where one may be asked.
        edge_lost: which edge is left alone from now on, and why, on the answer at which it was found; None on
            all others.
        passed_over: why other edges than the one that answered did not: they failed on this request, or were
            avoided, as they had failed before or had not answered yet; None where nothing is wrong with them,
            and where no edge answered.
        ruled_out: what the spec's placement leaves out of the plans; None where it leaves out nothing.
        file_kept: why the input's own file could not go up, where the spec offers the codec ``file``; None
            where it could.
        switched: why the plan differs from the request's before; None when it does not.
        predicted_s: what the planner expected; None when the plan was fixed.
        missed: why the requirement was missed; None when it was met.
        bandwidth_bps: upload bandwidth believed in when the plan was chosen; None when the plan was fixed.
        state_changed: whether the last measurement before it showed another bandwidth state.
        edge_factor, device_factor: calibration of each node's profiled segments, as learnt so far.
    """

    label: str | None
    class_index: int | None
    logits: np.ndarray
    plan: Plan
    wanted: Plan
    latency_s: float
    latency_requirement_s: float
    timeline: Timeline
    prepare_s: float = 0.0
    waited_s: float = 0.0
    decided_s: float = 0.0
    endpoint: str | None = None
    edge: str | None = None
    passed: tuple[str, ...] = ()
    went_from: int = 0
    left_early: bool = False
    not_asked: str | None = None
    drift: str | None = None
    edge_error: str | None = None
    edge_absent: str | None = None
    edge_lost: str | None = None
    passed_over: str | None = None
    ruled_out: str | None = None
    file_kept: str | None = None
    switched: str | None = None
    predicted_s: float | None = None
    missed: str | None = None
    bandwidth_bps: float | None = None
    state_changed: bool = False
    edge_factor: float = 1.0
    device_factor: float = 1.0

    @property
    def met_requirement(self) -> bool:
        """Whether the answer was in time."""
        return self.latency_s <= self.latency_requirement_s

    @property
    def stages_s(self) -> dict[str, float | None]:
        """Seconds of each stage by its name, in their order; None where it is not known apart from others."""
        times = self.timeline
        return {
            "prepare": self.prepare_s,
            "wait": self.waited_s,
            "before": times.before_s,
            "encode": times.encode_s,
            "network": times.network_s,
            "queue": times.queue_s,
            "edge": times.edge_s,
            "decode": times.decode_s,
            "device": times.tail_s,
        }

    @property
    def probabilities(self) -> np.ndarray:
        """Of the classes, shape (classes,); only where the answer is a label.

        The softmax of the exit's output, or the output itself where it is probabilities already.
        """
        output = self.logits.astype(np.result_type(self.logits.dtype, np.float32), copy=False)
        of_classes: np.ndarray = probabilities(output[np.newaxis])[0]
        return of_classes

    @property
    def confidence(self) -> float | None:
        """Probability of the class that was answered; None for an array, and where scores are no numbers."""
        if self.class_index is None or not np.isfinite(self.logits.max()):
            return None
        return float(self.probabilities[self.class_index])

    def to_json(self) -> dict[str, Any]:
        """Plain values for a line of JSON; milliseconds, because people read them."""
        times = self.timeline
        sure = self.confidence
        return {
            "label": self.label,
            "class_index": self.class_index,
            "confidence": None if sure is None else round(sure, 4),
            "output": {"shape": list(self.logits.shape), "dtype": str(self.logits.dtype)},
            "exit": self.plan.exit,
            "partition_point": self.plan.stop,
            "window": [self.plan.start, self.plan.stop],
            "codec": {"input": self.plan.codec_up, "activation": self.plan.codec_down},
            "plan": str(self.plan),
            "wanted": str(self.wanted),
            "switched": self.switched,
            "latency_ms": _ms(self.latency_s),
            "predicted_ms": None if self.predicted_s is None else _ms(self.predicted_s),
            "latency_requirement_ms": _ms(self.latency_requirement_s),
            "met_requirement": self.met_requirement,
            "missed": self.missed,
            "endpoint": self.endpoint,
            "edge": self.edge,
            "fallback": self.edge_error,
            "passed": list(self.passed),
            "went_from": self.went_from,
            "left_early": self.left_early,
            "not_asked": self.not_asked,
            "drift": self.drift,
            "edge_absent": self.edge_absent,
            "edge_lost": self.edge_lost,
            "passed_over": self.passed_over,
            "ruled_out": self.ruled_out,
            "file_kept": self.file_kept,
            "timeline_ms": {
                stage: None if seconds is None else _ms(seconds) for stage, seconds in self.stages_s.items()
            },
            "decided_ms": _ms(self.decided_s),
            "sent_bytes": times.sent_bytes,
            "received_bytes": times.received_bytes,
            "bandwidth_kbps": None if self.bandwidth_bps is None else round(self.bandwidth_bps / 1e3, 1),
            "state_changed": self.state_changed,
            "factors": {"edge": round(self.edge_factor, 3), "device": round(self.device_factor, 3)},
        }


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 3)
