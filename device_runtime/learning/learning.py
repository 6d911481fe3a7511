"""What an answered request tells of all nodes and of the link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.link.link import Transfer
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from device_runtime.answer import Answer
    from device_runtime.carrying_out.outcome import Outcome
    from device_runtime.edges.edges import Edge, Edges
    from device_runtime.learning.calibration import Calibration
    from device_runtime.local_exits.local_exits import LocalExits
    from device_runtime.timeline import Timeline

_LEFT_BEHIND = (Step.RUN_DEVICE,)
_LEFT_INSIDE = (Step.RUN_EDGE, Step.DECODE_DOWN, Step.RUN_DEVICE)
"""What a request that left early behind a window, or inside it, tells nothing of."""


class Learning:
    """Takes outcomes into the calibrations, the local exits' times, and the link that was crossed."""

    def __init__(self, local_exits: LocalExits, edges: Edges) -> None:
        """Take what learns; nothing is learnt yet.

        Args:
            local_exits: remembers what whole local paths take.
            edges: each remembers what it and its link are like; nothing where the plan is fixed.
        """
        self._local_exits = local_exits
        self._edges = edges

    def learn(self, outcome: Outcome, answer: Answer, planned_s: float = 0.0) -> None:
        """Take in one request.

        Args:
            outcome: how it was answered.
            answer: with what.
            planned_s: seconds of its preparation that were part of the plan.
        """
        if outcome.local is not None and outcome.local.whole:
            self._local_exits.observe(
                outcome.plan.exit, outcome.local.took_s, waited=outcome.local.after_wait
            )
        for edge in self._edges:
            if edge.calibration is None:
                continue
            if outcome.tried is not None and answer.wanted in edge.calibration.profiled:
                # An edge that is late answers here nothing, but what was done before it was asked is known.
                wanted = edge.calibration.profiled.index_of(answer.wanted)
                if outcome.late_edge is edge.session and answer.predicted_s is not None:
                    waited_s = answer.latency_s - answer.prepare_s - answer.waited_s
                    edge.calibration.outlasted(wanted, waited_s, answer.predicted_s - planned_s)
                edge.calibration.observe(wanted, outcome.tried, overhead_s=None)
            if outcome.edge in {None, edge.session}:
                self._learn_all(edge, edge.calibration, outcome, answer, planned_s)
            else:
                self._learn_device(edge.calibration, outcome)

    def _learn_all(
        self, edge: Edge, calibration: Calibration, outcome: Outcome, answer: Answer, planned_s: float
    ) -> None:
        """What an answer tells that this edge gave, or none did."""
        # What left early behind or inside a window did so as no plan says: the wanted one tells of the link.
        by_edge = outcome.left_early and outcome.local is None
        not_run = _LEFT_INSIDE if outcome.left_on_edge else _LEFT_BEHIND
        plan, timeline = answer.wanted if by_edge else outcome.plan, outcome.timeline
        if plan not in calibration.profiled:
            return  # named by the caller, and never the best: nothing predicts what it takes
        k = calibration.profiled.index_of(plan)
        if by_edge:
            timeline = replace(timeline, seconds={**timeline.seconds, **dict.fromkeys(not_run, 0.0)})
        # Where it was waited for an edge in vain, or two frames were written, that is not in the timeline.
        as_planned = answer.plan == answer.wanted and not outcome.passed_over
        around_s = answer.latency_s - answer.prepare_s - answer.waited_s - timeline.total_s - outcome.asked_s
        overhead_s = around_s if as_planned and not outcome.edge_error else None
        predicted_s = answer.predicted_s - planned_s if as_planned and answer.predicted_s else None
        seconds = calibration.table.seconds  # of this very input
        calibration.observe(k, timeline, overhead_s, predicted_s, outcome.asked_s)
        if timeline.received_bytes:
            # The edge's codecs are predicted by themselves, but only what its head took was said.
            codecs_s = float(seconds[Step.DECODE_UP, k])
            if not outcome.left_on_edge:
                codecs_s += float(seconds[Step.ENCODE_DOWN, k])
            edge.session.observe(_transfer(timeline, codecs_s))

    def _learn_device(self, calibration: Calibration, outcome: Outcome) -> None:
        """What an answer of another edge tells: what the device did, and that this edge was not asked."""
        if outcome.plan in calibration.profiled:
            seconds = {**outcome.timeline.seconds, Step.RUN_EDGE: 0.0}
            k = calibration.profiled.index_of(outcome.plan)
            calibration.observe(k, replace(outcome.timeline, seconds=seconds), overhead_s=None)
        calibration.forget_edge()


def _transfer(timeline: Timeline, codecs_s: float) -> Transfer:
    """What crossed the link, without the time that the edge's codecs took."""
    moved_s = max(timeline.network_s - codecs_s, 0.0)
    return Transfer(
        timeline.sent_bytes,
        timeline.received_bytes,
        moved_s,
        timeline.trailing_bytes,
        min(timeline.trailing_s, moved_s),
        timeline.queue_s,
        timeline.edge_s,
    )
