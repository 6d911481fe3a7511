"""The device's runtime: one input in, one answer out, with part of the network run on the edge."""

from __future__ import annotations

import logging
import math
import time
from numbers import Real
from threading import Lock
from typing import TYPE_CHECKING

from device_runtime.answer import Answer
from device_runtime.asking import NOTHING_TO_ASK, Asking
from device_runtime.deadline import Deadline
from device_runtime.execution import Execution
from device_runtime.learning import Learning
from device_runtime.opening import open_parts
from device_runtime.plan_check import check_plan
from device_runtime.preparation import Preparation
from device_runtime.request import Request
from device_runtime.rescue import Rescue
from device_runtime.second_edge import SecondEdge
from device_runtime.spans import request_span
from edgent.core.photo import Photo
from edgent.core.wire import frame_bytes
from edgent.errors import InputError, NoFileError, StoppedError
from edgent.inputs import to_input
from edgent.planning.plan import FILE, Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    import numpy as np

    from device_runtime.calibration import Calibration
    from device_runtime.edge_belief import EdgeBelief
    from device_runtime.edges import Edge
    from device_runtime.opening import Parts
    from device_runtime.outcome import Outcome
    from edgent.inputs import Given
    from edgent.planning.decision import Decision
    from edgent.planning.policies.policy import Policy

_LOG = logging.getLogger(__name__)
_STEP_S = 1e-3


class DeviceRuntime:
    """Answers inputs for one pipeline; an edge that fails or is late costs accuracy, never an answer.

    A runtime may be used from several threads. It answers one request at a time; the time that a request
    waits for those before it counts towards its latency.

    >>> runtime = DeviceRuntime.open("pipelines/alexnet.yaml")        # doctest: +SKIP
    >>> answer = runtime.infer(image, latency_requirement_s=0.1)      # doctest: +SKIP
    >>> answer.label, answer.plan, answer.latency_s, answer.met_requirement   # doctest: +SKIP
    """

    def __init__(self, parts: Parts, clock: Callable[[], float] = time.perf_counter) -> None:
        """Put the parts together.

        Args:
            parts: the network, its edge, its local exits, and what chooses plans.
            clock: monotonic seconds, the same that the parts use.
        """
        self.network = parts.network
        self.local_exits = parts.local_exits
        self.edges = parts.edges
        self._addresses = parts.addresses
        self._plan = parts.plan
        self._ruled_out = parts.ruled_out
        calibrations = parts.edges.calibrations
        self._offers_file = FILE in parts.network.input_codecs
        plans_files = not calibrations or any(known.profiled.file_bytes > 0 for known in calibrations)
        self._plans_files = self._offers_file and plans_files
        self._preparation = Preparation(clock, parts.photo)
        self._rescue = rescue = Rescue(parts.network, parts.local_exits, clock, self._preparation)
        self._execution = Execution(
            parts.network,
            parts.sessions,
            parts.local_exits,
            parts.edges,
            SecondEdge(parts.edges, parts.addresses, parts.network.spec.plans_for, parts.retries, clock),
            rescue,
            clock,
            Asking(parts.sessions, clock, parts.early_exits),
        )
        self._shares = parts.early_exits.shares if parts.early_exits else None
        self._learning = Learning(parts.local_exits, parts.edges)
        self._clock = clock
        self._lock = Lock()
        self._is_closed = False
        self._last_plan: Plan | None = None

    @classmethod
    def open(
        cls,
        spec_file: str | Path,
        *,
        plan: Plan | str | None = None,
        policy: Policy | None = None,
        inference_url: str | None = None,
        grpc_url: str | None = None,
        token_file: str | Path | None = None,
        ca_file: str | Path | None = None,
        cache: str | Path | None = None,
    ) -> DeviceRuntime:
        """Start from a spec: measure the link, load and time the local exits.

        Args:
            spec_file: the pipeline's YAML file.
            plan: fixes the plan for every input; its text, such as ``exit2:p3:uint8``, will do.
            policy: decides on a forecast of the bandwidth, in place of what the spec names.
            inference_url: replaces the spec's, and its gRPC address.
            grpc_url: replaces the spec's.
            token_file: replaces the spec's.
            ca_file: replaces the spec's certificate authority, for every edge.
            cache: folder for cut segments.

        Raises:
            SpecError: the spec is wrong.
            ModelError: the ONNX file is not what the spec declares.
            PlanError: the plan does not fit the network, or there is nothing to plan from.
            StaleFileError: a profile or map of another model.
        """
        return cls(
            open_parts(
                spec_file,
                plan=plan,
                policy=policy,
                inference_url=inference_url,
                grpc_url=grpc_url,
                token_file=token_file,
                ca_file=ca_file,
                cache=cache,
            )
        )

    @property
    def edge_error(self) -> str | None:
        """Why edges did not answer when the runtime was opened; None when all did, or none was asked."""
        return self.edges.start_error

    @property
    def calibration(self) -> Calibration | None:
        """Of the first edge's cost table; None where the plan is fixed."""
        return self.edges.first.calibration

    def edge_beliefs(self) -> tuple[EdgeBelief, ...]:
        """What is believed of every edge and of its link now; it waits for the request under way."""
        with self._lock:
            return tuple(edge.belief for edge in self.edges)

    def infer(
        self, image: Given, latency_requirement_s: float | None = None, plan: Plan | str | None = None
    ) -> Answer:
        """Answer one input.

        Args:
            image: an array of shape (*input shape) or (1, *input shape), of the spec's element type; or a
                picture (a path, the bytes of an image file, a Pillow image), which is made an input as the
                spec says, within the latency. Where the spec offers the codec ``file``, a path or bytes may
                go up as they are, and are decoded here only if pixels are needed.
            latency_requirement_s: seconds until the answer is wanted; the spec's when None.
            plan: what to do with this input; the planner's decision when None.

        Raises:
            InputError: the network takes no such input, or the requirement is no time.
            NoFileError: the plan sends a photo's file, and there is none that may go up.
            PlanError: the network has no such plan, or a codec of it does not write such a tensor.
            StoppedError: the runtime is closed. A failing edge raises nothing: a local exit answers, and the
                answer says why.
        """
        with request_span() as span:
            answer = self._infer(image, latency_requirement_s, plan)
            span.answered(answer)
        return answer

    def _infer(self, image: Given, latency_requirement_s: float | None, plan: Plan | str | None) -> Answer:
        plan = plan if plan is None or isinstance(plan, Plan) else Plan.parse(plan)
        input_s = self._clock()
        given = to_input(image, self.network.spec)
        if isinstance(given, Photo) and not (self._offers_file if plan else self._plans_files):
            given = given.tensor
        read_s = self._clock() - input_s
        requirement_s = self._requirement_s(latency_requirement_s)
        with self._lock:
            self._check_open()
            self.edges.collect()
            request, prepare_s = self._decide(given, plan, input_s, requirement_s, read_s)
            outcome = self._execution.carry_out(request)
            answer = self._report(request, outcome, read_s + prepare_s + outcome.prepare_s)
            self._learning.learn(outcome, answer, prepare_s)
            self.edges.probe_if_due(request.edge, request.addresses)
        return answer

    def _requirement_s(self, latency_requirement_s: float | None) -> float:
        """The request's requirement, else the spec's."""
        if latency_requirement_s is None:
            return self.network.spec.latency_requirement_s
        is_number = isinstance(latency_requirement_s, Real)
        if not is_number or not 0 < latency_requirement_s < math.inf:
            raise InputError(
                f"a latency requirement of {latency_requirement_s!r} s: give seconds, more than 0"
            )
        return latency_requirement_s

    def _decide(
        self,
        given: np.ndarray | Photo,
        plan: Plan | None,
        input_s: float,
        requirement_s: float,
        read_s: float,
    ) -> tuple[Request, float]:
        """What is to be done with an input: the caller's plan, the fixed one, or the planner's.

        Returns:
            The request, and seconds in which a photo was made an input for it.
        """
        expected_s = read_s + self._preparation.expected_s(given)
        self._expect(given)
        if plan is not None:
            check_plan(self.network, plan)
        edge, plan, decision = self._chosen(plan or self._plan, _left_to_plan_s(requirement_s, read_s))
        calibration = edge.calibration
        prepare_s = self._prepared(given, plan)
        deadline = Deadline(input_s + requirement_s, self._clock)
        local = self.local_exits.standing_by(
            deadline.left_s() - self._preparation.expected_s(given),
            decision.fallback_exit if decision else None,
            calibration.writing_s(plan) if calibration else 0.0,
        )
        hedge = self.network.spec.device.hedge
        request = Request(
            given,
            plan,
            self._addresses.of(plan),
            decision,
            input_s,
            deadline,
            requirement_s,
            local,
            began_s=self._clock(),
            hedged=bool(hedge),
            edge=edge.session,
            eager=hedge == "eager",
            expected_prepare_s=expected_s,
        )
        return request, prepare_s

    def _chosen(self, given: Plan | None, left_s: float) -> tuple[Edge, Plan, Decision | None]:
        """Which edge and which plan, and why; None where the plan is given."""
        if given is not None:
            return self.edges.for_plan(self._addresses.of(given)), given, None
        edge, decision = self.edges.decide(left_s)
        return edge, decision.plan, decision

    def _prepared(self, given: np.ndarray | Photo, plan: Plan) -> float:
        """Make an input of a photo unless its file goes up; seconds that this took.

        Raises:
            NoFileError: the plan sends a file, and there is none that may go up.
            InputError: the photo is broken.
        """
        if plan.sends_file:
            kept = _file_kept(given)
            if kept is not None:
                self._preparation.prepare(given)  # one that is no picture at all says so
                raise NoFileError(f"{plan} sends a photo's own file, but {kept}: choose another plan")
            return 0.0
        prepare_s = self._preparation.prepare(given)
        if prepare_s:
            self._expect(given)
        return prepare_s

    def _expect(self, given: np.ndarray | Photo) -> None:
        """Tell who plans what is known of an input."""
        if not self._plans_files:
            return
        size_bytes, decoding = None, 1.0
        if isinstance(given, Photo) and given.kept_here is None:
            size_bytes = frame_bytes(given.outline.ndim, given.payload_bytes)
            decoding = self._preparation.times_the_mean(given)
        for calibration in self.edges.calibrations:
            calibration.expect(size_bytes, self._preparation.expected_s(given), decoding)

    def _report(self, request: Request, outcome: Outcome, prepare_s: float) -> Answer:
        """The answer, with what was believed when its plan was chosen."""
        spec = self.network.spec
        class_index = int(outcome.logits.argmax()) if spec.output == "labels" else None
        latency_s = self._clock() - request.input_s
        answered_by = self.edges.of(outcome.edge or request.edge)
        decision, tracker, calibration = (
            request.decision,
            answered_by.session.tracker,
            answered_by.calibration,
        )
        passed = outcome.local.passed if outcome.local else outcome.passed
        asks_nobody = request.plan.leaves_early and not passed and outcome.edge_error is None
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
            waited_s=outcome.waited_s,
            endpoint=outcome.endpoint,
            edge=outcome.edge.name if outcome.edge else None,
            passed=passed,
            went_from=outcome.local.start if outcome.local else 0,
            left_early=outcome.left_early,
            not_asked=outcome.not_asked or (NOTHING_TO_ASK if asks_nobody else None),
            drift=self._shares.take_news() if self._shares else None,
            edge_error=outcome.edge_error,
            edge_absent=None if request.addresses else self.edges.absence,
            edge_lost=self.edges.take_lost(),
            passed_over=outcome.passed_over,
            ruled_out=self._ruled_out,
            file_kept=_file_kept(request.given) if self._plans_files else None,
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

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoppedError("the runtime is closed; open another one to answer inputs")

    def close(self) -> None:
        """End the request under way without the edge, and close the connection; again does nothing."""
        self._is_closed = True
        self._rescue.close()
        self.edges.abandon()
        with self._lock:
            self.edges.close()
            self.local_exits.close()

    def __enter__(self) -> DeviceRuntime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _file_kept(given: np.ndarray | Photo) -> str | None:
    """Why an input's own file may not go up; None where it may."""
    if isinstance(given, Photo):
        return given.kept_here
    return "the input came as pixels, not as the path or the bytes of a photo's file"


def _left_to_plan_s(requirement_s: float, prepare_s: float) -> float:
    """Seconds that a plan may take after the input was prepared.

    Whole milliseconds are taken off: choosers remember what they chose, and are so asked the same again.
    """
    return max(requirement_s - math.floor(prepare_s / _STEP_S) * _STEP_S, min(requirement_s, _STEP_S))
