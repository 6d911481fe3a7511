"""The device's runtime: one input in, one answer out, with part of the network run on the edge."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.answer import Answer, Timeline
from device_runtime.choosers import FixedPlan
from device_runtime.deadline import Deadline
from device_runtime.edge_path import EdgePath
from device_runtime.head_roster import HeadRoster, head_of
from device_runtime.link import Transfer
from device_runtime.local_exits import LocalExits
from device_runtime.opening import prepare
from device_runtime.probing import ProbeSchedule
from device_runtime.race import LocalRun, race
from device_runtime.request import Request
from device_runtime.tails import Tails
from edgent.errors import (
    EdgeError,
    EdgeTimeoutError,
    EdgeUnreachableError,
    HeadRefusedError,
    InputError,
)
from edgent.inputs import check_input
from edgent.planning.fallback import NoFallback
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from device_runtime.edge_path import Arrival
    from device_runtime.opening import Opening
    from edgent.planning.decision import Decision

_DELIVERY_S = 2e-3  # before the requirement, an answer at hand is given


class DeviceRuntime:
    """Answers inputs for one pipeline; an edge that fails or is late costs accuracy, never an answer.

    >>> runtime = DeviceRuntime.open("pipelines/alexnet.yaml")        # doctest: +SKIP
    >>> answer = runtime.infer(image, latency_requirement_s=0.1)      # doctest: +SKIP
    >>> answer.label, answer.plan, answer.latency_s, answer.met_requirement   # doctest: +SKIP
    """

    def __init__(self, opening: Opening) -> None:
        """Load and time the local exits.

        Args:
            opening: what :func:`device_runtime.opening.prepare` read and measured.
        """
        self.network = opening.network
        self.edge_error = opening.edge_error
        self.calibration = opening.calibration
        self.candidates = opening.calibration.profiled if opening.calibration else None
        self.meter = opening.meter
        self._clock = time.perf_counter
        self._tails = Tails(self.network)
        self.local_exits = LocalExits(self.network, self._tails)
        if self.calibration is not None:
            self.calibration.begin(self.local_exits.runs_at_once_s())
        self.chooser = opening.choose(self.local_exits.times)
        if isinstance(self.chooser, FixedPlan):
            plan = self.chooser.plan
            self._tails.load(self.network.graph.path_of(plan.exit).index, plan.partition_point)
        self._edge = EdgePath(opening.client, self._clock, gone=not opening.edge_answers)
        self._roster = HeadRoster(self.network, self.candidates.plans if self.candidates else (), self._clock)
        self._probes = ProbeSchedule(self.network.spec.bandwidth.probe_bytes_per_s, self._clock)
        self._last_plan: Plan | None = None

    @classmethod
    def open(
        cls,
        spec_file: str | Path,
        *,
        plan: Plan | None = None,
        inference_url: str | None = None,
        grpc_url: str | None = None,
        token_file: Path | None = None,
        cache: Path | None = None,
    ) -> DeviceRuntime:
        """Start from a spec: measure the link, and see whether the first plan's head is ready.

        Args:
            spec_file: the pipeline's YAML file.
            plan: fixes the plan for every input.
            inference_url: replaces the spec's, and its gRPC address.
            grpc_url: replaces the spec's.
            token_file: replaces the spec's.
            cache: folder for cut segments.

        Raises:
            SpecError: the spec is wrong.
            ModelError: the ONNX file is not what the spec declares.
            PlanError: the plan does not fit the network, or there is nothing to plan from.
            StaleFileError: a profile or map of another model.
        """
        opening = prepare(
            spec_file,
            plan=plan,
            inference_url=inference_url,
            grpc_url=grpc_url,
            token_file=token_file,
            cache=cache,
        )
        return cls(opening)

    def infer(
        self, image: np.ndarray, latency_requirement_s: float | None = None, plan: Plan | None = None
    ) -> Answer:
        """Answer one input.

        Args:
            image: shape (*input shape) or (1, *input shape), of the spec's element type.
            latency_requirement_s: seconds until the answer is wanted; the spec's when None.
            plan: what to do with this input; the chooser's decision when None.

        Raises:
            InputError: the input has another shape or element type, or the requirement is no time.
            PlanError: the network has no such plan. Nothing else: a failing edge is an answer from a local
                exit, with the reason in it.
        """
        started_s = self._clock()
        tensor = check_input(np.asarray(image), self.network.spec)
        requirement_s = self._requirement(latency_requirement_s)
        self._collect()
        decision = None
        if plan is None:
            decision = self._decide(requirement_s)
            plan = decision.plan
        switched = self._note_switch(plan, decision)
        believed_bps = self.meter.link.upload_bps if self.meter else None
        state_changed = self.chooser.state_changed
        deadline = Deadline(started_s + requirement_s, self._clock)
        local = self.local_exits.standing_by(
            deadline.left_s(),
            decision.fallback_exit if decision else None,
            self.calibration.encode_s(plan) if self.calibration else 0.0,
        )
        hedged = self.network.spec.device.hedge
        request = Request(tensor, deadline, requirement_s, decision, local, self._clock(), hedged)
        done, edge_error, due_s, waited, held_s = plan, None, request.began_s, False, 0.0
        is_free = not self._edge.is_busy  # what is under way from now on is this request's and no other's
        if plan.partition_point == 0:
            done = self._in_time(plan, request)
            logits, timeline = self._run_here(done, tensor)
        else:
            try:
                sent, request = self._write(plan, request)
                logits, timeline = self._run_remote(plan, request, sent)
            except EdgeError as error:
                edge_error, waited = f"{type(error).__name__}: {error}", True
                due_s = min(request.latest_start_s(), self._clock())
                exit_ = self.local_exits.to_run_now(request.local, request.deadline.left_s())
                done = Plan(exit_, 0)
                whole = self._race(plan, exit_, request) if is_free else None
                if whole is None:
                    logits, timeline = self._run_here(done, tensor)
                else:
                    logits, timeline, held_s = whole
                    if timeline.received_bytes:
                        done, edge_error, waited = plan, None, False
        class_index = int(logits.argmax())
        ended_s = self._clock()
        answer = Answer(
            label=self.network.spec.input.labels[class_index],
            class_index=class_index,
            logits=logits,
            plan=done,
            wanted=plan,
            latency_s=ended_s - started_s,
            latency_requirement_s=requirement_s,
            timeline=timeline,
            edge_error=edge_error,
            switched=switched,
            predicted_s=decision.latency_s if decision and math.isfinite(decision.latency_s) else None,
            missed=request.why_late() if ended_s > request.deadline.at_s else None,
            bandwidth_bps=believed_bps,
            state_changed=state_changed,
            edge_factor=self.calibration.edge_factor if self.calibration else 1.0,
            device_factor=self.calibration.device_factor if self.calibration else 1.0,
        )
        if done.partition_point == 0:
            took_s = ended_s - held_s - due_s
            self.local_exits.observe(done.exit, took_s, waited=due_s == request.latest_start_s())
        self._learn(answer, waited=waited)
        self._probe_if_due(plan)
        return answer

    def _requirement(self, latency_requirement_s: float | None) -> float:
        """The request's requirement, else the spec's."""
        if latency_requirement_s is None:
            return self.network.spec.latency_requirement_s
        if not 0 < latency_requirement_s < math.inf:
            raise InputError(f"a latency requirement of {latency_requirement_s} s: give seconds, more than 0")
        return latency_requirement_s

    def _in_time(self, plan: Plan, request: Request) -> Plan:
        """A device-only plan, or that of a quicker exit where the chosen one's spread would be late."""
        if request.decision is None or self.candidates is None or isinstance(request.local, NoFallback):
            return plan
        fits = self.local_exits.takes_at_once(plan.exit) <= request.deadline.left_s()
        return plan if fits else Plan(request.local.exit, 0)

    def _decide(self, requirement_s: float) -> Decision:
        """The chooser's plan; a plan whose head is not known to be ready has to wait until it is."""
        if self.candidates is None:
            return self.chooser.decide(requirement_s, None)
        hoped_for = self._roster.hoped_for()
        if self._edge.is_busy or self._edge.breaker.is_open:
            return self.chooser.decide(requirement_s, ~self.candidates.remote)
        decision = self.chooser.decide(requirement_s, hoped_for)
        head = head_of(self.network, decision.plan)
        if self._roster.is_ready(head):
            return decision
        self._check(head)
        return self.chooser.decide(requirement_s, self._roster.known() & ~self.candidates.remote)

    def _check(self, head: str) -> None:
        """Ask in the background whether a head is ready."""
        graph = self.network.graph
        self._edge.check(head, graph.input_shape, graph.input_dtype)

    def _run_here(self, plan: Plan, tensor: np.ndarray) -> tuple[np.ndarray, Timeline]:
        """Logits of a whole local path, shape (classes,)."""
        began_s = self._clock()
        logits = self.local_exits.run(plan.exit, tensor)[0]
        return logits, Timeline(tail_s=self._clock() - began_s)

    def _write(self, plan: Plan, request: Request) -> tuple[bytes, Request]:
        """The frame that asks a plan's head, and the request as it stands then.

        Raises:
            EdgeError: the edge is not to be asked now.
        """
        if self._edge.is_busy:
            raise EdgeTimeoutError("the answer to an earlier request is still under way")
        if self._edge.breaker.is_open:
            raise EdgeUnreachableError("the edge failed several times in a row and is left alone")
        codec, budget_s = plan.activation_codec, request.wait_until().left_s()
        if self._is_edge_only(plan):  # a whole answer counts beside a local exit, too
            codec, budget_s = "float32", max(budget_s, request.deadline.left_s())
        head = head_of(self.network, plan)
        sent = self._edge.client.write_request(head, request.tensor, plan.input_codec, codec, budget_s)
        return sent, replace(request, written_s=self._clock())

    def _run_remote(self, plan: Plan, request: Request, sent: bytes) -> tuple[np.ndarray, Timeline]:
        """Logits by way of the edge, shape (classes,).

        Raises:
            EdgeError: the head did not answer, or not before the local exit had to start.
        """
        path, head = self.network.graph.path_of(plan.exit), head_of(self.network, plan)
        try:
            arrival = self._edge.ask(
                head,
                sent,
                lambda: self._tails.load(path.index, plan.partition_point),
                latency_requirement_s=request.requirement_s,
                wait_until=request.wait_until(),
            )
        except EdgeError as error:
            if not self._edge.is_busy:
                self._roster.failed(head, error)
            raise
        arrived_s = self._clock()
        activation = self._taken(plan, arrival)
        tail_s = self._tails.takes(path.index, plan.partition_point)
        if self._is_too_late_for(tail_s, request):
            raise EdgeTimeoutError(
                f"{head} answered {request.deadline.left_s() * 1e3:.1f} ms before the requirement, "
                f"the tail takes {tail_s * 1e3:.1f}"
            )
        logits = self._tails.run(path.index, plan.partition_point, activation)[0]
        return logits, arrival.timeline(request.written_s - request.began_s, self._clock() - arrived_s)

    def _taken(self, plan: Plan, arrival: Arrival) -> np.ndarray:
        """The activation that a head answered with, shape (1, *shape of the cut).

        Raises:
            HeadRefusedError: it is another one than the tail takes.
        """
        head = head_of(self.network, plan)
        cut = self.network.graph.path_of(plan.exit).cut(plan.partition_point)
        assert arrival.frame is not None, "a head answers with a frame"
        activation = arrival.frame.tensor
        if activation.shape != (1, *cut.shape) or activation.dtype != cut.dtype:
            refusal = HeadRefusedError(
                f"{head} answered with {activation.dtype} of shape {activation.shape}, "
                f"the tail takes {cut.dtype} of shape {(1, *cut.shape)}"
            )
            self._roster.failed(head, refusal)
            raise refusal
        self._roster.answered(head)
        return activation

    def _race(
        self, plan: Plan, exit_name: str, request: Request
    ) -> tuple[np.ndarray, Timeline, float] | None:
        """A local exit beside an edge-only answer that may still come; None where the plan has a tail.

        Returns:
            Logits, shape (classes,), where the time went, and the seconds that a local answer was held back.
        """
        if not self._is_edge_only(plan):
            return None
        graph, began_s = self.network.graph, self._clock()
        is_deeper = graph.path_of(plan.exit).index > graph.path_of(exit_name).index
        hold_until = Deadline(request.deadline.at_s - _DELIVERY_S if is_deeper else began_s, self._clock)
        head = head_of(self.network, plan)
        first = race(self.local_exits, exit_name, request.tensor, self._edge, head, hold_until)
        if isinstance(first, LocalRun):
            return first.logits[0], Timeline(tail_s=first.took_s), first.held_s
        self.local_exits.outlasted(exit_name, self._clock() - began_s)
        try:
            return self._taken(plan, first)[0], first.timeline(request.written_s - request.began_s), 0.0
        except HeadRefusedError:
            return None

    def _is_edge_only(self, plan: Plan) -> bool:
        return plan.partition_point == len(self.network.graph.path_of(plan.exit).layers)

    def _is_too_late_for(self, tail_s: float, request: Request) -> bool:
        """Whether a local exit would still be in time where the tail would not."""
        local, left_s = request.local, request.deadline.left_s()
        if not request.hedged or isinstance(local, NoFallback):
            return False
        return tail_s > left_s >= self.local_exits.usually_takes(local.exit)

    def _learn(self, answer: Answer, *, waited: bool) -> None:
        """Every answer is a measurement: of the link, and of both nodes.

        Args:
            answer: what was given.
            waited: whether it was waited for an edge that did not answer in time.
        """
        if self.meter is None or self.calibration is None or self.candidates is None:
            return
        timeline, k = answer.timeline, self.candidates.index_of(answer.plan)
        around_s = None if waited else answer.latency_s - timeline.total_s
        as_planned = answer.plan == answer.wanted
        self.calibration.observe(k, timeline, around_s, answer.predicted_s if as_planned else None)
        if timeline.received_bytes:
            # The edge's codecs are predicted by themselves, but only what its head took was said.
            codecs_s = float(self.candidates.input_decode_s[k] + self.candidates.activation_encode_s[k])
            moved_s = max(timeline.network_s - codecs_s, 0.0)
            taken = Transfer(timeline.sent_bytes, timeline.received_bytes, moved_s)
            self.chooser.observe(*self.meter.observe(taken))

    def _collect(self) -> None:
        """Look at what came back since the last request."""
        returned = self._edge.collect()
        if returned is None:
            return
        if returned.what and returned.error is None:
            self._roster.answered(returned.what)
        elif returned.what and returned.error is not None:
            self._roster.failed(returned.what, returned.error)
        if returned.transfer is not None and self.meter is not None:
            self.chooser.observe(*self.meter.observe(returned.transfer))

    def _probe_if_due(self, plan: Plan) -> None:
        """Keep a link known that no request crosses, and ask after an edge that was given up."""
        breaker = self._edge.breaker
        if self._edge.is_busy or (breaker.is_open and not breaker.probe_is_due):
            return
        if self.meter is None:
            if breaker.is_open and plan.partition_point:
                self._check(head_of(self.network, plan))
            return
        if self._last_plan is None or self._last_plan.partition_point == 0 or breaker.is_open:
            size_bytes = self._probes.due_bytes(self.meter.link.upload_bps)
            if size_bytes:
                self._edge.probe(size_bytes, 0)

    def _note_switch(self, plan: Plan, decision: Decision | None) -> str | None:
        """Why this plan and not the last one; None when it is the same, or the caller's."""
        before, self._last_plan = self._last_plan, plan
        return None if before is None or before == plan or decision is None else decision.reason

    def close(self) -> None:
        """Close the connection."""
        self._edge.close()
        self.local_exits.close()

    def __enter__(self) -> DeviceRuntime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
