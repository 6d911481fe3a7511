"""One input from its plan to its answer, in two halves: what comes before the edge, and the rest."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from device_runtime.answer import Answer
from device_runtime.carrying_out.outcome import Outcome
from device_runtime.choosing.deciding import file_kept
from device_runtime.early_exits.asking import NOTHING_TO_ASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.carrying_out.execution import Execution
    from device_runtime.carrying_out.request import Beside, Request
    from device_runtime.choosing.deciding import Deciding, Taken, Turn
    from device_runtime.learning.learning import Learning
    from device_runtime.opening import Parts
    from edgent.planning.plan import Plan

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Begun:
    """An input that the device has begun with.

    Attributes:
        request: as it was decided.
        state: as it stands now; or how it was answered, where no edge was to be asked.
        read_s: seconds that reading the input took.
        prepare_s: seconds in which it was made what the network takes.
    """

    request: Request
    state: Request | Outcome
    read_s: float
    prepare_s: float


class Answering:
    """Decides, carries out, reports and learns; one request at a time, but for what is begun ahead."""

    def __init__(
        self,
        parts: Parts,
        deciding: Deciding,
        execution: Execution,
        learning: Learning,
        clock: Callable[[], float],
    ) -> None:
        """Take the parts that answer requests; nothing was answered yet.

        Args:
            parts: of the runtime.
            deciding: makes requests of inputs.
            execution: carries them out.
            learning: takes in what they tell.
            clock: monotonic seconds.
        """
        self._network = parts.network
        self._edges = parts.edges
        self._ruled_out = parts.ruled_out
        self._shares = parts.early_exits.shares if parts.early_exits else None
        self._deciding = deciding
        self._execution = execution
        self._learning = learning
        self._clock = clock
        self._last_plan: Plan | None = None

    def begin(
        self, taken: Taken, plan: Plan | None, requirement_s: float, beside: Beside | None = None
    ) -> Begun:
        """Decide what is to be done with an input, and run what comes before the edge.

        Raises:
            EdgentError: see `DeviceRuntime.infer`.
        """
        self._edges.collect()
        decided = self._deciding.decide(taken, plan, requirement_s)
        assert decided is not None, "any plan suits"
        return self._begun(taken, *decided, beside)

    def begin_ahead(
        self, taken: Taken, plan: Plan | None, requirement_s: float, beside: Beside, turn: Turn
    ) -> Begun | None:
        """Begin with a request while another is at the edge; its frame is encoded, to be sent behind that.

        Returns:
            None where its plan does not suit its turn.

        Raises:
            EdgentError: see `DeviceRuntime.infer`.
        """
        decided = self._deciding.decide(taken, plan, requirement_s, turn)
        if decided is None:
            return None
        begun = self._begun(taken, *decided, beside)
        if isinstance(begun.state, Outcome):
            return begun
        return replace(begun, state=self._execution.encoded(begun.state))

    def send_ahead(self, begun: Begun) -> Begun:
        """Send the frame of an input that was begun ahead, if its edge is free."""
        if isinstance(begun.state, Outcome) or begun.state.asked is not None:
            return begun
        return replace(begun, state=self._execution.sent_ahead(begun.state))

    def _begun(self, taken: Taken, request: Request, prepare_s: float, beside: Beside | None) -> Begun:
        begun = self._execution.begin(replace(request, beside=beside))
        return Begun(request, begun, taken.read_s, prepare_s)

    def finish(self, begun: Begun) -> Answer:
        """The answer to an input that was begun with."""
        request, outcome = begun.request, begun.state
        if not isinstance(outcome, Outcome):
            self._edges.collect()
            outcome = self._execution.finish(outcome)
        answer = self._report(request, outcome, begun.read_s + begun.prepare_s + outcome.prepare_s)
        if begun.request.beside is not None:
            self._deciding.expect(request.given)  # another one may have been decided on since
        self._learning.learn(outcome, answer, begun.prepare_s)
        self._edges.probe_if_due(request.edge, request.addresses)
        return answer

    def _report(self, request: Request, outcome: Outcome, prepare_s: float) -> Answer:
        """The answer, with what was believed when its plan was chosen."""
        spec = self._network.spec
        class_index = int(outcome.logits.argmax()) if spec.output == "labels" else None
        latency_s = self._clock() - request.input_s
        answered_by = self._edges.of(outcome.edge or request.edge)
        decision, tracker, calibration = (
            request.decision,
            answered_by.session.tracker,
            answered_by.calibration,
        )
        passed = outcome.local.passed if outcome.local else outcome.passed
        as_wanted = outcome.plan == request.plan and outcome.edge_error is None
        asks_nobody = as_wanted and request.plan.leaves_early and not passed
        return Answer(
            label=None if class_index is None else spec.input.labels[class_index],
            class_index=class_index,
            logits=outcome.logits,
            plan=outcome.plan,
            wanted=request.plan,
            latency_s=latency_s,
            latency_requirement_s=request.requirement_s,
            timeline=outcome.timeline,
            prepare_s=prepare_s,
            waited_s=request.queued_s + outcome.waited_s,
            decided_s=request.decided_s,
            endpoint=outcome.endpoint,
            edge=outcome.edge.name if outcome.edge else None,
            passed=passed,
            went_from=outcome.local.start if outcome.local else 0,
            left_early=outcome.left_early,
            not_asked=outcome.not_asked or (NOTHING_TO_ASK if asks_nobody else None),
            drift=self._shares.take_news() if self._shares else None,
            edge_error=outcome.edge_error,
            edge_absent=None if request.addresses else self._edges.absence,
            edge_lost=self._edges.take_lost(),
            passed_over=_passed_over(request, outcome),
            ruled_out=self._ruled_out,
            file_kept=file_kept(request.given) if self._deciding.plans_files else None,
            switched=self._note_switch(request),
            predicted_s=decision.latency_s if decision and math.isfinite(decision.latency_s) else None,
            missed=request.why_late(latency_s, prepare_s) if latency_s > request.requirement_s else None,
            bandwidth_bps=tracker.meter.link.upload_bps if tracker else None,
            state_changed=tracker.state_changed if tracker else False,
            edge_factor=calibration.edge_factor if calibration else 1.0,
            device_factor=calibration.device_factor if calibration else 1.0,
        )

    def _note_switch(self, request: Request) -> str | None:
        """Why this plan and not the last one; None when it is the same, or the caller's."""
        before, self._last_plan = self._last_plan, request.plan
        if before is None or before == request.plan or request.decision is None:
            return None
        _LOG.info("now %s, which %s", request.plan, request.decision.reason)
        return request.decision.reason


def _passed_over(request: Request, outcome: Outcome) -> str | None:
    """Why other edges than the one that answered did not: they failed, or were avoided from the start."""
    if outcome.edge is None:
        return None
    avoided = (f"{name}: {why}" for name, why in request.avoided.items() if name != outcome.edge.name)
    return "; ".join(filter(None, (outcome.passed_over, *avoided))) or None
