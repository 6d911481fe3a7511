"""Carries a plan out: walks its stages, here and by way of the edge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.outcome import LocalRun, Outcome
from device_runtime.timeline import Timeline
from edgent.core.codecs import CODECS
from edgent.errors import EdgeError, EdgeTimeoutError
from edgent.planning.fallback import Fallback, NoFallback
from edgent.planning.plan import Plan
from edgent.planning.stages import Stage, Step, stages

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.edge_session import EdgeSession
    from device_runtime.local_exits import LocalExits
    from device_runtime.request import Request
    from device_runtime.rescue import Rescue
    from device_runtime.second_thoughts import SecondThoughts
    from device_runtime.sessions import Sessions
    from edgent.network import Network
    from edgent.planning.decision import Decision


class Execution:
    """Answers requests; where the edge fails or is late, the rescue does."""

    def __init__(
        self,
        network: Network,
        sessions: Sessions,
        local_exits: LocalExits,
        edge: EdgeSession,
        rescue: Rescue,
        clock: Callable[[], float],
        second_thoughts: SecondThoughts | None = None,
    ) -> None:
        """Begin; nothing is run yet.

        Args:
            network: whose plans are carried out.
            sessions: runs layers on this node.
            local_exits: runs whole paths on this node.
            edge: runs heads.
            rescue: answers where the edge does not.
            clock: monotonic seconds.
            second_thoughts: decides again where a frame is large; None where the plan is fixed.
        """
        self._network = network
        self._sessions = sessions
        self._local_exits = local_exits
        self._edge = edge
        self._rescue = rescue
        self._clock = clock
        self._second_thoughts = second_thoughts

    def carry_out(self, request: Request) -> Outcome:
        """Answer a request, whatever the edge does."""
        head = request.head
        if head is None:
            return self._on_device(request)
        may_race = not self._edge.is_busy  # what is under way from now on is this request's and no other's
        try:
            request = self._run_before(request)
            frame, request = self._write(request, head)
            other = self._second_thoughts.on(request, len(frame)) if self._second_thoughts else None
            if other is not None:
                return self.carry_out(self._instead(request, other))
            return self._by_way_of_edge(request, head, frame)
        except EdgeError as error:
            return self._rescue.answer(request, error, may_race=may_race)

    def _instead(self, request: Request, decision: Decision) -> Request:
        """The request with another plan, which begins now."""
        now_s, local = self._clock(), request.local
        if isinstance(local, Fallback):
            local = replace(local, latest_start_s=local.latest_start_s - (now_s - request.began_s))
        return replace(
            request,
            plan=decision.plan,
            head=self._network.head_of(decision.plan),
            decision=decision,
            local=local,
            began_s=now_s,
            written_s=None,
            is_second=True,
        )

    def _on_device(self, request: Request) -> Outcome:
        """A device-only plan, or that of a quicker exit where the chosen one's spread would be late."""
        plan = request.plan
        fits = self._local_exits.takes_at_once(plan.exit) <= request.deadline.left_s()
        if request.decision is not None and not fits and not isinstance(request.local, NoFallback):
            plan = Plan.device_only(request.local.exit)
        began_s = self._clock()
        logits = self._local_exits.run(plan.exit, request.tensor)[0]
        ended_s = self._clock()
        return Outcome(
            plan,
            logits,
            Timeline({Step.RUN_DEVICE: ended_s - began_s}),
            LocalRun(ended_s - request.began_s, after_wait=False),
        )

    def _stages(self, plan: Plan) -> tuple[Stage, ...]:
        return stages(plan, len(self._network.graph.path_of(plan.exit).layers))

    def _run_before(self, request: Request) -> Request:
        """The request with what the layers before the window make of its input, if there are any."""
        stage = next((s for s in self._stages(request.plan) if s.step is Step.RUN_BEFORE), None)
        if stage is None:
            return request
        began_s = self._clock()
        activation = self._sessions.run(stage, request.tensor)
        return replace(request, activation=activation, before_s=self._clock() - began_s)

    def _write(self, request: Request, head: str) -> tuple[bytes, Request]:
        """The frame that asks a plan's head, and the request as it stands then.

        Raises:
            EdgeError: the edge is not to be asked now.
        """
        up, down = (
            next(stage for stage in self._stages(request.plan) if stage.step is step)
            for step in (Step.ENCODE_UP, Step.ENCODE_DOWN)
        )
        assert up.codec, "what goes up crosses in a codec"
        assert down.codec, "what comes down crosses in a codec"
        tensor, codec = request.tensor, up.codec
        if request.activation is not None:
            tensor = request.activation
            codec = CODECS.answering(codec, tensor.dtype)
        budget_s = request.wait_until().left_s()
        if self._tail(request.plan) is None:  # a whole answer counts beside a local exit, too
            budget_s = max(budget_s, request.deadline.left_s())
        frame = self._edge.write(head, tensor, codec, down.codec, budget_s)
        return frame, replace(request, written_s=self._clock())

    def _by_way_of_edge(self, request: Request, head: str, frame: bytes) -> Outcome:
        """The answer that a head and this node give together.

        Raises:
            EdgeError: the head did not answer, or not before the local exit had to start.
        """
        plan, tail = request.plan, self._tail(request.plan)
        arrival = self._edge.ask(
            head,
            frame,
            lambda: self._load(request, tail),
            latency_requirement_s=request.requirement_s,
            wait_until=request.wait_until(),
        )
        arrived_s = self._clock()
        cut = self._network.graph.path_of(plan.exit).cut(plan.stop)
        output = self._edge.activation(head, arrival, cut)
        if tail is not None:
            self._check_in_time(request, head, self._sessions.high_s(tail))
            output = self._sessions.run(tail, output)
        timeline = arrival.timeline(request.encode_s, self._clock() - arrived_s, request.before_s)
        return Outcome(plan, output[0], timeline)

    def _load(self, request: Request, tail: Stage | None) -> None:
        """Make ready what takes the answer, and what would take the activation at hand if there were none."""
        if tail is not None:
            self._sessions.load(tail)
        if request.activation is not None:
            for stage in self._local_exits.rest_of_paths(request.plan):
                self._sessions.load(stage)

    def _tail(self, plan: Plan) -> Stage | None:
        """The layers that the device runs after the edge; None where the edge gives the whole answer."""
        return next((stage for stage in self._stages(plan) if stage.step is Step.RUN_DEVICE), None)

    def _check_in_time(self, request: Request, head: str, tail_s: float) -> None:
        """Give a tail up where it would be late and a local exit would not.

        Raises:
            EdgeTimeoutError: that is so.
        """
        local, left_s = request.local, request.deadline.left_s()
        if not request.hedged or isinstance(local, NoFallback):
            return
        if tail_s > left_s >= self._local_exits.usually_takes(local.exit):
            raise EdgeTimeoutError(
                f"{head} answered {left_s * 1e3:.1f} ms before the requirement, "
                f"the tail takes {tail_s * 1e3:.1f}"
            )
