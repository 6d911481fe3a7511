"""Carries a plan out: walks its stages, here and by way of the edge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.carrying_out.outcome import LocalRun, Outcome
from device_runtime.deadline import Deadline
from device_runtime.early_exits.asking import too_late, why_not_inside
from device_runtime.early_exits.early_exits import Walked
from device_runtime.early_exits.left_on_edge import left_on_edge
from device_runtime.edges.addresses import Address
from device_runtime.edges.overdue import Overdue
from device_runtime.edges.refused_window import refused_window
from device_runtime.exchange.edge_client import payload_of
from device_runtime.exchange.exchange_thread import Arrival
from device_runtime.timeline import Timeline
from edgent.core.codecs import CODECS
from edgent.errors import EdgeBusyError, EdgeError, EdgeTimeoutError, HeadRefusedError, InputError
from edgent.graph.feature_codec import CODE_CODEC
from edgent.planning.fallback import Fallback, NoFallback
from edgent.planning.plan import Plan
from edgent.planning.stages import Stage, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from device_runtime.carrying_out.request import Request
    from device_runtime.early_exits.asking import Asking
    from device_runtime.edges.edges import Edges
    from device_runtime.edges.overdue import Ended
    from device_runtime.edges.second_edge import SecondEdge
    from device_runtime.local_exits.local_exits import LocalExits
    from device_runtime.local_exits.rescue import Rescue
    from device_runtime.local_exits.sessions import Sessions
    from edgent.core.photo import Photo
    from edgent.network import Network


class Execution:
    """Answers requests; where the edge fails or is late, the rescue does."""

    def __init__(
        self,
        network: Network,
        sessions: Sessions,
        local_exits: LocalExits,
        edges: Edges,
        second_edge: SecondEdge,
        rescue: Rescue,
        clock: Callable[[], float],
        asking: Asking,
    ) -> None:
        """Take what carries plans out; nothing is run yet.

        Args:
            network: whose plans are carried out.
            sessions: runs layers on this node.
            local_exits: runs whole paths on this node.
            edges: run heads.
            second_edge: is asked where the first one fails, or is overdue.
            rescue: answers where no edge does.
            clock: monotonic seconds.
            asking: asks exits on the way, where there is an exit rule.
        """
        self._network = network
        self._sessions = sessions
        self._local_exits = local_exits
        self._edges = edges
        self._second_edge = second_edge
        self._overdue = Overdue(edges, second_edge, self._ask_edge)
        self._rescue = rescue
        self._clock = clock
        self._asking = asking

    def begin(self, request: Request) -> Request | Outcome:
        """The request once the device has run what comes before an edge; or the answer."""
        self._asking.load(request, self._network.stages(request.plan))
        return self._run_before(request) if request.addresses else self._on_device(request)

    def encoded(self, request: Request) -> Request:
        """A request that was begun, with the payload of its frame: all is ready for when its turn comes."""
        tensor, codec, _ = self._goes_up(request)
        return request.with_payload(payload_of(tensor, codec))

    def sent_ahead(self, request: Request) -> Request:
        """A request that was begun, once it was sent, if that can be done now; else as it is."""
        if request.edge.is_busy or request.edge.absence is not None:
            return request
        try:
            frame, written, other = self._written(request.in_turn())
        except EdgeError:
            return request
        return request if other is not None else self._sent(written, frame)

    def finish(self, request: Request) -> Outcome:
        """The answer to a request that was begun."""
        if request.asked is None:
            request = self._once_probed(request.in_turn())
        else:
            request = replace(request, resumed_s=self._clock())
        outcome = self._by_way_of_edges(request)
        return replace(outcome, waited_s=request.waited_s + outcome.waited_s)

    def _by_way_of_edges(self, request: Request) -> Outcome:
        """The answer of the edge that was planned for, of another one, or of the device."""
        while True:
            ended = self._ask_edge(request)
            if isinstance(ended, Outcome):
                return replace(ended, passed_over=ended.passed_over or request.why_others_failed())
            request, error = ended
            other = self._second_edge.on(request, error)
            if other is None:
                return self._rescue.answer(request, request.with_others(error))
            request = other

    def _ask_edge(self, request: Request) -> Ended:
        """The answer of one edge; or why it gives none, and the request as it stands then."""
        addresses, roster = request.addresses, request.edge.roster
        refusals = dict[Address, EdgeError]()
        while True:
            try:
                if request.asked is None:
                    frame, request, other = self._written(request)
                    if other is not None:
                        begun = self.begin(other)
                        return begun if isinstance(begun, Outcome) else self._by_way_of_edges(begun)
                    request = self._sent(request, frame)
                return self._by_way_of_edge(request)
            except (EdgeBusyError, HeadRefusedError) as refusal:
                address = request.asked
                assert address, "what refuses was asked"
                self._check_photo(request, address, refusal)
                refusals[address] = refusal
                elsewhere = tuple(other for other in request.addresses if other != address)
                unasked = roster.hopeful(elsewhere)
                if not unasked or request.wait_until().left_s() <= 0:
                    said = {one: refusals.get(one) or roster.refusal_of(one) for one in addresses}
                    told = {one: refusal for one, refusal in said.items() if refusal}
                    return request, refused_window(request.plan, told, unasked, self._network.spec.name)
                request = request.refused_for(elsewhere)
            except EdgeError as error:
                return request, error

    def _check_photo(self, request: Request, address: Address, refusal: EdgeError) -> None:
        """Look at a photo whose file was refused: a broken one is not the endpoint's fault.

        Raises:
            InputError: it is broken.
        """
        try:
            if request.plan.sends_file and type(refusal) is HeadRefusedError:
                self._rescue.preparation.prepare(request.given)
        except InputError:
            request.edge.roster.answered(address)
            raise

    def _on_device(self, request: Request) -> Outcome:
        """A device-only plan, or that of a quicker exit where the chosen one's spread would be late."""
        plan, left_s, not_asked = request.plan, request.deadline.left_s(), None
        takes_s = self._local_exits.takes_at_once(plan.exit)
        if request.decision is not None and takes_s > left_s:
            not_asked = too_late(takes_s, left_s) if plan.leaves_early else None
            plan = Plan.device_only(self._local_exits.to_run_now(request.local, left_s))
        stage = self._network.stages(plan)[0]
        if not_asked is None and self._asking.is_meant(request, stage):
            not_asked = self._asking.why_not(request, stage)
            if not_asked is None:
                return self._left_alone(request, self._asking.walk(stage, request.tensor), plan)
        began_s = self._clock()
        logits = self._local_exits.run(plan.exit, request.tensor)[0]
        ended_s = self._clock()
        return Outcome(
            plan,
            logits,
            Timeline({Step.RUN_DEVICE: ended_s - began_s}),
            LocalRun(ended_s - request.began_s, after_wait=False),
            not_asked=not_asked,
        )

    def _left_alone(self, request: Request, walked: Walked, plan: Plan) -> Outcome:
        """The answer of the exit at which an input left on the device, or of the one at the plan's end."""
        passed = walked.passed if walked.left_at else (*walked.passed, plan.exit)
        return Outcome(
            Plan.device_only(walked.left_at) if walked.left_at else plan,
            walked.output[0],
            Timeline({Step.RUN_DEVICE: walked.run_s}),
            LocalRun(self._clock() - request.began_s, after_wait=False, whole=False, passed=passed),
            left_early=walked.left_at is not None,
            asked_s=walked.asked_s,
        )

    def _run_before(self, request: Request) -> Request | Outcome:
        """What the device makes of its input before the window, layers and an encoder; or the answer.

        What leaves at an exit there never crosses the link.
        """
        stages = self._network.stages(request.plan)
        stage = next((stage for stage in stages if stage.step is Step.RUN_BEFORE), None)
        if stage is None:
            return request
        began_s, asked_s, passed = self._clock(), 0.0, request.passed
        activation = code = not_asked = None
        takes_s = request.decision.latency_s if request.decision else None
        for part in stage.parts:
            tensor = request.tensor if activation is None else activation
            walked = self._asking.through(request, part, tensor, takes_s=takes_s)
            if walked.left_at:
                return self._left_alone(request, walked, request.plan)
            asked_s, passed = asked_s + walked.asked_s, (*passed, *walked.passed)
            not_asked = not_asked or walked.not_asked
            activation, code = (activation, walked.output) if part.encoder else (walked.output, None)
        ended_s = self._clock()
        local = self._local_exits.standing_by(
            request.deadline.left_s(),
            request.decision.fallback_exit if request.decision else None,
            at_hand=None if activation is None else request.plan,
        )
        if isinstance(local, Fallback):
            local = replace(local, latest_start_s=local.latest_start_s + ended_s - request.began_s)
        before_s = ended_s - began_s - asked_s
        return replace(
            request,
            activation=activation,
            code=code,
            before_s=before_s,
            asked_s=asked_s,
            passed=passed,
            not_asked=not_asked,
            local=local,
        )

    def _once_probed(self, request: Request) -> Request:
        """The request, once a probe of the link that is under way has ended; the planner plans around one.

        A plan that the caller names waits for it as long as for the edge's answer; an eager climb goes on
        beside. An answer that came too late is not waited for: nobody knows whether it comes at all.
        """
        if not request.edge.is_probing:
            return request
        request, began_s = self._rescue.begun(request), self._clock()
        enough = None if request.climb is None else request.climb.is_enough
        request.edge.wait_for_probe(request.wait_until(), enough)
        return replace(request, waited_s=request.waited_s + self._clock() - began_s)

    def _goes_up(self, request: Request) -> tuple[np.ndarray | Photo, str, str]:
        """What crosses to the edge, in which codec, and in which one the answer is wanted."""
        up, down = (
            next(stage.codec for stage in self._network.stages(request.plan) if stage.step is step)
            for step in (Step.ENCODE_UP, Step.ENCODE_DOWN)
        )
        assert up, "what goes up crosses in a codec"
        assert down, "what comes down crosses in a codec"
        down = CODE_CODEC if down in self._network.feature_codecs else down
        if request.code is not None:
            return request.code, CODE_CODEC, down
        if request.activation is not None:
            return request.activation, CODECS.answering(up, request.activation.dtype), down
        return request.given if request.plan.sends_file else request.tensor, up, down

    def _written(self, request: Request) -> tuple[bytes, Request, Request | None]:
        """The frame that asks for a plan's window, and the request as it stands then.

        Where this frame is too large, the third is the request with a plan that is in time.

        Raises:
            EdgeError: the edge is not to be asked now.
        """
        tensor, codec, down = self._goes_up(request)
        until_s = request.useful_until_s(answers_whole=self._local_exits.tail_of(request.plan) is None)
        budget_s = max(until_s - self._clock(), 0.0)
        request = self._asking.on_edge(request)
        to_ask = request.exits.to_ask if request.exits else None
        address = request.edge.roster.to_ask(request.addresses)
        frame = request.edge.write(address, tensor, codec, down, budget_s, to_ask, request.payload)
        request = replace(request, written_s=self._clock(), asked=address)
        is_beside = request.first_answer is not None
        second_thoughts = None if is_beside else self._edges.of(request.edge).second_thoughts
        return frame, request, second_thoughts.on(request, len(frame)) if second_thoughts else None

    def _sent(self, request: Request, frame: bytes) -> Request:
        """The request, once its frame is on its way."""
        request, tail = self._rescue.begun(request), self._local_exits.tail_of(request.plan)
        assert request.asked, "the frame is for an address"
        request.edge.send(
            request.asked,
            frame,
            lambda: self._load(request, tail),
            afterwards=lambda: self._load_to_go_on(request),
            latency_requirement_s=request.requirement_s,
            wait_until=self._wait_until(request, tail),
            exits=request.exits,
            expected_s=self._edges.of(request.edge).exchange_s(request.decision),
        )
        return replace(request, sent_bytes=request.sent_bytes + len(frame))

    def _by_way_of_edge(self, request: Request) -> Ended:
        """The answer that the endpoint that was asked and this node give; or another edge's, asked beside it.

        Raises:
            EdgeError: the endpoint did not answer, or not before the local exit had to start.
        """
        plan, tail, address = request.plan, self._local_exits.tail_of(request.plan), request.asked
        assert address, "it was sent"
        arrival = self._overdue.answer(request, address, self._wait_until(request, tail))
        if not isinstance(arrival, Arrival):
            return arrival
        output = request.edge.activation(address, arrival, self._network.ends(plan)[1])
        early = left_on_edge(request, arrival, output)
        if tail is not None and early is None:
            self._check_in_time(request, address, self._sessions.times_of(tail).high_s)
        if request.climb is not None:
            request.climb.stop()
        if request.beside is not None:
            request.beside.edge_is_free()
        waited_s, resumed_s = request.refused_s + request.held_s(arrival), self._clock()
        if early is not None:
            return replace(early, waited_s=waited_s)
        walked = Walked(output, None, 0.0) if tail is None else self._run_tail(request, tail, arrival, output)
        tail_s = self._clock() - resumed_s - walked.asked_s
        asked = (*request.passed, *arrival.passed, *walked.passed)
        return Outcome(
            plan if walked.left_at is None else replace(plan, exit=walked.left_at, leaves_early=False),
            walked.output[0],
            request.timeline(arrival, tail_s, tail.decoder if tail else None),
            endpoint=address.endpoint,
            edge=request.edge,
            passed=(*asked, plan.exit) if asked and walked.left_at is None else asked,
            left_early=walked.left_at is not None,
            not_asked=walked.not_asked
            or why_not_inside(self._network.spec.name, request, arrival, walked.passed)
            or (None if walked.left_at else self._asking.why_not_beyond(self._network, plan)),
            asked_s=request.asked_s + arrival.asked_s + walked.asked_s,
            waited_s=waited_s,
        )

    def _run_tail(self, request: Request, tail: Stage, arrival: Arrival, activation: np.ndarray) -> Walked:
        """The layers behind the window; exits there are asked as far as the rule knows what comes there."""
        plan = request.plan
        if self._network.asks_until(plan) <= plan.stop:
            began_s = self._clock()
            return Walked(self._sessions.run(tail, activation), None, self._clock() - began_s)
        passed = (*request.passed, *arrival.passed)
        return self._asking.through(request, tail, activation, before=passed, codec=plan.codec_up)

    def _wait_until(self, request: Request, tail: Stage | None) -> Deadline:
        """How long to wait for an endpoint: beside a climb, until its answer would be of no use any more."""
        is_ready = tail is None or self._sessions.is_loaded(tail)
        if request.climb is None or not is_ready:
            return request.wait_until()
        tail_s = 0.0 if tail is None else self._sessions.times_of(tail).high_s
        return Deadline(request.give_at().at_s - tail_s, self._clock)

    def _load(self, request: Request, tail: Stage | None) -> None:
        """Make ready what takes the answer."""
        if tail is not None:
            self._sessions.load_all((tail, *self._asking.sessions_of(request, tail)))

    def _load_to_go_on(self, request: Request) -> None:
        """Make ready what takes the activation at hand where no answer comes, if the planner did not."""
        if request.activation is not None:
            self._sessions.load_all(self._local_exits.to_go_on(request.plan))

    def _check_in_time(self, request: Request, address: Address, tail_s: float) -> None:
        """Give a tail up where it would be late and a local exit would not.

        Raises:
            EdgeTimeoutError: that is so.
        """
        local, left_s = request.local, request.answer_by.left_s()
        if not request.hedged or isinstance(local, NoFallback):
            return
        local_s = (
            self._local_exits.usually_takes(local.exit, request.at_hand) if request.climb is None else 0.0
        )
        if tail_s > left_s >= local_s:
            raise EdgeTimeoutError(
                f"{address} answered with {left_s * 1e3:.1f} ms left for the device, "
                f"the tail takes {tail_s * 1e3:.1f}"
            )
