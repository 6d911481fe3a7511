"""A live run: a request after another while the link follows a trace."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.judge import Judge
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import UNSHAPED_BPS, Rig
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.plan import Plan

_RUNTIME = "live"
_WARM_UPS = 150


@dataclass(frozen=True)
class LiveAnswer:
    """A request and its answer.

    Attributes:
        at_s: When the request began, from the trace's beginning.
        link_bps: What the link carried up then.
        down_bps: What it carried down.
        late_probability: What the runtime's forecasts said before of the plan that was chosen; None where
            that plan needs no edge.
    """

    number: int
    at_s: float
    link_bps: float
    reply: Reply
    down_bps: float
    late_probability: float | None = None

    def was_late(self, latency_requirement_s: float) -> bool:
        """Whether what was chosen was not there in time, whoever answered instead."""
        return self.reply.plan != self.reply.wanted or self.reply.latency_s > latency_requirement_s


def prepare_device(rig: Rig, plans: Sequence[Plan]) -> None:
    """Start the device's program, warm up the edge, and pace the device."""
    rig.start_device()
    rig.set_rate(UNSHAPED_BPS)
    rig.warm_up(plans, _WARM_UPS, interfaces=("http",))
    rig.ask(do="pace")


def run_live(
    rig: Rig, spec: Path, trace: BandwidthTrace, pause_s: float, tell: Tell = lambda *_: None
) -> tuple[float, list[LiveAnswer]]:
    """Ask once every `pause_s` while the link follows a trace.

    The runtime is opened, and measures the link, at the trace's first sample; requests begin when that is
    over.

    Returns:
        The round trip in seconds that the runtime measured first, and all answers.
    """
    downwards = trace.download or trace
    rig.set_rate(float(trace.bandwidth_bps[0]), float(downwards.bandwidth_bps[0]))
    known = rig.open(_RUNTIME, spec, interfaces=("http",))
    answers: list[LiveAnswer] = []
    began_s = time.monotonic()
    with rig.testbed.follow(trace):
        for number, due_s in enumerate(np.arange(pause_s / 2, trace.total_s, pause_s)):
            time.sleep(max(0.0, began_s + float(due_s) - time.monotonic()))
            late = rig.ask(do="late_probabilities", runtime=_RUNTIME)
            reply = rig.infer(_RUNTIME, number)
            at_s = reply.began_s - began_s
            up_bps, down_bps = (float(each.bandwidth_at(at_s)) for each in (trace, downwards))
            late_probability = late.get(str(reply.wanted))
            answers.append(LiveAnswer(number, at_s, up_bps, reply, down_bps, late_probability))
            tell("", at_s / trace.total_s)
    rig.set_rate(UNSHAPED_BPS)
    return known.link.round_trip_s, answers


def wrong_answers(judge: Judge, answers: Sequence[LiveAnswer]) -> list[LiveAnswer]:
    """Answers that are not, to the bit, what the unsplit network says at their exit."""
    return [
        answer
        for answer in answers
        if not judge.is_right(answer.reply.plan.exit, answer.number, answer.reply.logits)
    ]


def beginning(trace: BandwidthTrace, samples: int) -> BandwidthTrace:
    """The first samples of a trace."""
    return BandwidthTrace(
        trace.name,
        trace.start_s[:samples],
        trace.duration_s[:samples],
        trace.bandwidth_bps[:samples],
        None if trace.download_bps is None else trace.download_bps[:samples],
    )
