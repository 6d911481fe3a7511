"""One input under way: what is to be done with it, until when, and what answers if the edge does not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from device_runtime.carrying_out.hold import Hold
from device_runtime.deadline import Deadline
from device_runtime.timeline import Timeline
from edgent.core.photo import Photo
from edgent.planning.fallback import DELIVERY_S, Fallback, NoFallback
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.early_exits.edge_exits import ExitsInside
    from device_runtime.edges.addresses import Address, Addresses
    from device_runtime.edges.edge_session import EdgeSession
    from device_runtime.exchange.exchange_thread import Arrival
    from device_runtime.local_exits.climb import Climb
    from edgent.errors import EdgeError
    from edgent.planning.decision import Decision
    from edgent.planning.plan import Plan

_PATIENCE = 2.0  # without a hedge, how many requirements or predictions to wait for the edge


class Failure(NamedTuple):
    """An edge that was asked, and why it did not answer."""

    edge: EdgeSession
    error: EdgeError


class Beside(Protocol):
    """Is called by the thread of a request that is at an edge."""

    def while_away(self, request: Request, under_way: Future[Arrival]) -> None:
        """Do something else, until the exchange under way has ended, or the request needs the device."""

    def edge_is_free(self) -> None:
        """The edge has answered, and the device is about to run the rest of the plan."""


@dataclass(frozen=True)
class Request:
    """One input under way.

    Attributes:
        given: the input, shape (1, *input shape), or the photo that it is made of.
        plan: what is wanted.
        addresses: where its window may be asked for, the preferred one first; none where it asks nobody.
        decision: why; None when the caller asked for the plan.
        input_s: when the input came, on the deadline's clock.
        deadline: when the answer is wanted.
        requirement_s: seconds from the input to the deadline.
        local: the local exit that still answers in time, with its latest start counted from ``began_s``.
        began_s: when the plan stood, on the deadline's clock.
        hedged: whether that exit runs when the edge is late.
        edge: which one is asked; the one that was planned for where none is.
        before_s: seconds that the layers before the window took; 0 where it has none before it.
        asked_s: seconds of the exits that were asked on the way there and passed by.
        activation: what they made of the input; None where nothing was run yet.
        code: what the encoder of a feature codec made of that, or of the input; None where there is none.
        written_s: when the frame for the edge stood, on the deadline's clock; before that no exit can start.
            None where there is no frame yet.
        asked: where it was sent; None where it was not, or not yet.
        sent_bytes: of the frames that were handed to the connections of edges.
        payload: of that frame, encoded while the edge answered the request before; None: it is encoded when
            it is sent.
        ready_s: when that stood, on the deadline's clock; None in the same case.
        resumed_s: when the device came back to it, on that clock, where it was begun while another one was at
            the edge; before that no exit can start. None: it was not, or not yet.
        beside: what the device does for other requests while this one is at the edge; None: nothing.
        hold: until when it may keep the device, as far as such another request needs it.
        passed: the exits that were asked before that, which it did not leave at.
        exits: those that the edge is to ask; None: none.
        not_asked: why exits that the plan asks are not asked, here or on the edge; None: none is left out.
        eager: whether the device goes up its exits while it waits for the edge.
        climb: that way up; None where it does not go, or not yet.
        expected_prepare_s: seconds that reading and decoding the input were expected to take.
        prepare_s: seconds in which its photo was made an input, once its file had gone up.
        queued_s: seconds from the input until the device began with it.
        decided_s: seconds in which its plan was chosen.
        waited_s: seconds of a wait for a probe of the link, or for the request before, since ``began_s``.
        refused_s: seconds since then at addresses of the edge that refused it, writing their frames included.
        is_second: whether the plan was chosen once the bytes of another one's frame were known.
        failed: the edges that were asked before, and why they did not answer.
        avoided: why others had better not be asked when this one was chosen, by their names.
        first_answer: done once the edge answers beside which this one is asked; None where it is asked alone.
    """

    given: np.ndarray | Photo
    plan: Plan
    addresses: Addresses
    decision: Decision | None
    input_s: float
    deadline: Deadline
    requirement_s: float
    local: Fallback | NoFallback
    began_s: float
    hedged: bool
    edge: EdgeSession
    before_s: float = 0.0
    asked_s: float = 0.0
    activation: np.ndarray | None = None
    code: np.ndarray | None = None
    written_s: float | None = None
    asked: Address | None = None
    sent_bytes: int = 0
    payload: bytes | None = None
    ready_s: float | None = None
    resumed_s: float | None = None
    beside: Beside | None = None
    hold: Hold = field(default_factory=Hold)
    passed: tuple[str, ...] = ()
    exits: ExitsInside | None = None
    not_asked: str | None = None
    eager: bool = False
    climb: Climb | None = None
    expected_prepare_s: float = 0.0
    prepare_s: float = 0.0
    queued_s: float = 0.0
    decided_s: float = 0.0
    waited_s: float = 0.0
    refused_s: float = 0.0
    is_second: bool = False
    failed: tuple[Failure, ...] = ()
    avoided: Mapping[str, str] = field(default_factory=dict)
    first_answer: Future[None] | None = None

    @property
    def other_answers(self) -> tuple[Future[None], ...]:
        """Done once there is an answer as good as the edge's: the device's own, or that of another edge."""
        by_device = () if self.climb is None else (self.climb.is_enough,)
        return by_device if self.first_answer is None else (*by_device, self.first_answer)

    @property
    def tensor(self) -> np.ndarray:
        """The input, shape (1, *input shape); a photo is decoded for it, once.

        Raises:
            InputError: the photo holds no picture, or none that the network takes.
        """
        return self.given.tensor if isinstance(self.given, Photo) else self.given

    @property
    def encode_s(self) -> float:
        """Seconds that the frame for the edge took to write."""
        if self.written_s is None:
            return 0.0
        return self.written_s - self.began_s - self._not_encoding_s

    @property
    def _not_encoding_s(self) -> float:
        """Seconds since the plan stood that the frame's writing had no part in."""
        return self.before_s + self.asked_s + self.waited_s + self.refused_s

    @property
    def at_hand(self) -> Plan | None:
        """The plan, once its layers before the window have run: local exits can go on from there."""
        return None if self.activation is None else self.plan

    def with_payload(self, payload: bytes) -> Request:
        """The request with its frame's payload, which is sent when its turn comes."""
        return replace(self, payload=payload, ready_s=self.deadline.clock())

    def in_turn(self) -> Request:
        """The request as it stands when that has come."""
        if self.ready_s is None:
            return self
        now_s = self.deadline.clock()
        return replace(self, waited_s=self.waited_s + now_s - self.ready_s, ready_s=None, resumed_s=now_s)

    def refused_for(self, addresses: Addresses) -> Request:
        """The request for others of its edge's addresses, as the one that was asked refused it.

        Args:
            addresses: which ones; a frame is written anew for them, but no payload that is encoded already.
        """
        passed_s = self.deadline.clock() - self.began_s - self._not_encoding_s
        in_vain_s = passed_s if self.payload is None else passed_s - self.encode_s
        refused_s = self.refused_s + in_vain_s
        return replace(self, addresses=addresses, asked=None, written_s=None, refused_s=refused_s)

    def held_s(self, arrival: Arrival) -> float:
        """Seconds for which the edge's answer was there before the device came back to the request."""
        reply = arrival.reply
        ended_s = reply.sent_s + reply.exchange_s + arrival.decode_s
        return 0.0 if self.resumed_s is None else max(self.resumed_s - ended_s, 0.0)

    def begun_anew(self, plan: Plan, addresses: Addresses, decision: Decision | None) -> Request:
        """The request with a plan that begins now; of the same one what was run before stays at hand.

        Exits inside the window are chosen anew, and what it waited for before counts to no part of the plan.

        Args:
            plan: what is wanted.
            addresses: where its window may be asked for.
            decision: why; None when the caller asked for it.
        """
        goes_on = plan == self.plan
        before_s, asked_s = (self.before_s, self.asked_s) if goes_on else (0.0, 0.0)
        began_s, local = self.deadline.clock() - before_s - asked_s, self.local
        if isinstance(local, Fallback):
            local = replace(local, latest_start_s=local.latest_start_s - (began_s - self.began_s))
        return replace(
            self,
            plan=plan,
            before_s=before_s,
            asked_s=asked_s,
            activation=self.activation if goes_on else None,
            code=self.code if goes_on else None,
            payload=self.payload if goes_on else None,
            passed=self.passed if goes_on else (),
            not_asked=self.not_asked if goes_on else None,
            exits=None,
            addresses=addresses,
            decision=decision,
            local=local,
            began_s=began_s,
            waited_s=0.0,
            refused_s=0.0,
            written_s=None,
            asked=None,
        )

    def elsewhere(
        self, edge: EdgeSession, error: EdgeError, addresses: Addresses, decision: Decision | None
    ) -> Request:
        """The request for another edge, with this plan where there is no decision.

        Args:
            edge: which one.
            error: why the one that was asked did not answer.
            addresses: where the window may be asked for.
            decision: for that edge; None where the plan is given.
        """
        plan = self.plan if decision is None else decision.plan
        failed = (*self.failed, Failure(self.edge, error))
        return replace(self.begun_anew(plan, addresses, decision), edge=edge, failed=failed)

    def why_others_failed(self) -> str | None:
        """Why edges that were asked before did not answer; None where there were none."""
        return "; ".join(f"{failure.edge.name}: {failure.error}" for failure in self.failed) or None

    def with_others(self, error: EdgeError) -> EdgeError:
        """An error of the edge that was asked last, which names those before, too."""
        others = self.why_others_failed()
        return error if others is None else type(error)(f"{others}; {self.edge.name}: {error}")

    def tried(self) -> Timeline:
        """What the device did for its plan before the edge was to answer; see `timeline`."""
        before_s, encode_s = self.before_s, self.encode_s
        if self.code is not None:
            before_s, encode_s = before_s + encode_s, 0.0
        return Timeline({Step.RUN_BEFORE: before_s, Step.ENCODE_UP: encode_s})

    def timeline(self, arrival: Arrival, tail_s: float = 0.0, decoder: str | None = None) -> Timeline:
        """Where the time went that the edge took part in.

        Writing a code counts to its encoder and reading one to its decoder, as it does in profiles.

        Args:
            arrival: what came back.
            tail_s: seconds of the layers behind the window.
            decoder: the feature codec whose decoder is among them; None: none is.
        """
        times = arrival.timeline(self.encode_s, tail_s, self.before_s)
        seconds = dict(times.seconds)
        if self.code is not None:
            seconds[Step.RUN_BEFORE] += seconds.pop(Step.ENCODE_UP)
        if decoder is not None:
            seconds[Step.RUN_DEVICE] += seconds.pop(Step.DECODE_DOWN)
        return replace(times, seconds=seconds)

    @property
    def answer_by(self) -> Deadline:
        """When the device has to have answered it: by the deadline, and before others need the device."""
        return Deadline(min(self.deadline.at_s, self.hold.until_s), self.deadline.clock)

    def latest_start_s(self) -> float:
        """When to stop waiting for the edge and run a local exit, on the deadline's clock.

        Where no local exit answers in time, the edge has until the requirement if it is expected to keep it.
        If it is not, nothing is in time and the exit starts at once, beside the edge.
        """
        moments_s = (self.began_s, self.written_s, self.resumed_s)
        now_s = max(moment_s for moment_s in moments_s if moment_s is not None)
        if isinstance(self.local, Fallback):
            earlier_s = self.deadline.at_s - self.answer_by.at_s
            return max(self.began_s + self.local.latest_start_s - earlier_s, now_s)
        edge_is_late = self.decision is not None and not self.decision.meets_requirement
        return now_s if edge_is_late else max(self.deadline.at_s, now_s)

    def give_at(self) -> Deadline:
        """When an answer that is at hand is given, whatever may still come."""
        return Deadline(self.answer_by.at_s - DELIVERY_S, self.deadline.clock)

    def useful_until_s(self, *, answers_whole: bool) -> float:
        """Until when an answer of the edge is of use, on the deadline's clock.

        A whole answer counts beside a local exit, too; so does any where nothing is in time any more.

        Args:
            answers_whole: whether the edge runs the path to its end.
        """
        until_s = self.wait_until().at_s
        if isinstance(self.local, NoFallback):
            until_s += self.local.quickest.time_s
        return max(until_s, self.answer_by.at_s) if answers_whole else until_s

    def wait_until(self) -> Deadline:
        """How long to wait for the edge: until a local exit has to start; else until patience ends."""
        if self.hedged:
            return Deadline(self.latest_start_s(), self.deadline.clock)
        predicted_s = self.decision.latency_s if self.decision else 0.0
        usual_s = max(self.requirement_s, predicted_s) if math.isfinite(predicted_s) else self.requirement_s
        return Deadline(self.began_s + _PATIENCE * usual_s, self.deadline.clock)

    def why_late(self, latency_s: float, prepare_s: float) -> str:
        """Why its answer missed the requirement, in one clause for people.

        Args:
            latency_s: that it took.
            prepare_s: seconds in which its input was read and decoded.
        """
        late_s, surprise_s = latency_s - self.requirement_s, prepare_s - self.expected_prepare_s
        if self.queued_s >= late_s:
            return f"the device came to it after {self.queued_s * 1e3:.1f} ms"
        if self.decided_s >= late_s:
            return f"its plan was chosen in {self.decided_s * 1e3:.1f} ms"
        if surprise_s >= late_s:
            expected_ms = self.expected_prepare_s * 1e3
            return f"decoding the photo took {prepare_s * 1e3:.1f} ms, {expected_ms:.1f} were expected"
        if isinstance(self.local, NoFallback):
            quickest = self.local.quickest
            within_s = max(quickest.time_s - self.local.late_by_s, 0.0)
            is_decoding = quickest.time_s <= self.requirement_s and prepare_s >= self.local.late_by_s
            left = " that decoding the photo leaves" if is_decoding else ""
            return (
                f"no local exit answers within {within_s * 1e3:.1f} ms{left}; "
                f"the quickest, {quickest.exit}, takes {quickest.time_s * 1e3:.1f}"
            )
        if not self.hedged:
            return "device.hedge is off: the edge was waited for"
        return "the device was slower than it usually is"
