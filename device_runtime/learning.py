"""What an answered request tells of both nodes and of the link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.link import Transfer
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from device_runtime.answer import Answer
    from device_runtime.calibration import Calibration
    from device_runtime.edge_session import EdgeSession
    from device_runtime.local_exits import LocalExits
    from device_runtime.outcome import Outcome

_LEFT_BEHIND = (Step.RUN_DEVICE,)
_LEFT_INSIDE = (Step.RUN_EDGE, Step.DECODE_DOWN, Step.RUN_DEVICE)
"""What a request that left early behind a window, or inside it, tells nothing of."""


class Learning:
    """Takes outcomes into the calibration, the local exits' times, and the link."""

    def __init__(
        self, local_exits: LocalExits, edge: EdgeSession, calibration: Calibration | None = None
    ) -> None:
        """Begin.

        Args:
            local_exits: remembers what whole local paths take.
            edge: remembers what the link is like.
            calibration: of the cost table; None where the plan is fixed.
        """
        self._local_exits = local_exits
        self._edge = edge
        self._calibration = calibration

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
        if self._calibration is None:
            return
        if outcome.tried is not None and answer.wanted in self._calibration.profiled:
            # An edge that is late answers here nothing, but what was done before it was asked is known.
            wanted = self._calibration.profiled.index_of(answer.wanted)
            self._calibration.observe(wanted, outcome.tried, overhead_s=None)
        # What left early behind or inside a window did so as no plan says: the wanted one tells of the link.
        by_edge = outcome.left_early and outcome.local is None
        not_run = _LEFT_INSIDE if outcome.left_on_edge else _LEFT_BEHIND
        plan, timeline = answer.wanted if by_edge else outcome.plan, outcome.timeline
        if plan not in self._calibration.profiled:
            return  # named by the caller, and never the best: nothing predicts what it takes
        k = self._calibration.profiled.index_of(plan)
        if by_edge:
            timeline = replace(timeline, seconds={**timeline.seconds, **dict.fromkeys(not_run, 0.0)})
        as_planned = answer.plan == answer.wanted
        # Where it was waited for an edge in vain, or two frames were written, that is not in the timeline.
        around_s = answer.latency_s - answer.prepare_s - outcome.waited_s - timeline.total_s - outcome.asked_s
        overhead_s = around_s if as_planned and not outcome.edge_error else None
        predicted_s = answer.predicted_s - planned_s if as_planned and answer.predicted_s else None
        seconds = self._calibration.table.seconds  # of this very input
        self._calibration.observe(k, timeline, overhead_s, predicted_s, outcome.asked_s)
        if timeline.received_bytes:
            # The edge's codecs are predicted by themselves, but only what its head took was said.
            codecs_s = float(seconds[Step.DECODE_UP, k])
            if not outcome.left_on_edge:
                codecs_s += float(seconds[Step.ENCODE_DOWN, k])
            moved_s = max(timeline.network_s - codecs_s, 0.0)
            self._edge.observe(
                Transfer(
                    timeline.sent_bytes,
                    timeline.received_bytes,
                    moved_s,
                    timeline.trailing_bytes,
                    min(timeline.trailing_s, moved_s),
                )
            )
