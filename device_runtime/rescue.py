"""What answers when the edge does not: a local exit, beside what may still come of the plan."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from device_runtime.deadline import Deadline
from device_runtime.outcome import LocalRun, Outcome
from device_runtime.timeline import Timeline
from edgent.errors import HeadRefusedError
from edgent.planning.fallback import NoFallback
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.edge_session import EdgeSession
    from device_runtime.exchange_thread import Arrival
    from device_runtime.local_exits import LocalExits
    from device_runtime.request import Request
    from edgent.errors import EdgeError
    from edgent.network import Network
    from edgent.planning.stages import Stage

_LOG = logging.getLogger(__name__)
_DELIVERY_S = 2e-3  # before the requirement, an answer at hand is given


class Rescue:
    """Answers a request whose edge failed or is late."""

    def __init__(
        self, network: Network, local_exits: LocalExits, edge: EdgeSession, clock: Callable[[], float]
    ) -> None:
        self._graph = network.graph
        self._local_exits = local_exits
        self._edge = edge
        self._clock = clock

    def answer(self, request: Request, error: EdgeError) -> Outcome:
        """The answer of a local exit, or the plan's where that comes first after all.

        A local exit that can be in time has the device for itself: only a whole answer of the edge is taken
        beside it. Where nothing can be in time any more, the plan's tail runs beside it, too.

        Args:
            request: what is to be answered.
            error: why the edge did not answer.
        """
        _LOG.info("%s: %s", type(error).__name__, error)
        due_s, left_s = min(request.latest_start_s(), self._clock()), request.deadline.left_s()
        exit_name = self._local_exits.to_run_now(request.local, left_s, request.at_hand)
        is_late = (
            isinstance(request.local, NoFallback)
            or self._local_exits.usually_takes(exit_name, request.at_hand) > left_s
        )
        tail = self._local_exits.tail_of(request.plan)
        under_way = self._edge.under_way if request.asked is not None else None
        if under_way is not None and (tail is None or is_late):
            outcome = self._race(request, exit_name, due_s, under_way, tail)
        else:
            outcome = self._run_exit(request, exit_name, due_s)
        if outcome.local is None:
            return outcome
        return replace(outcome, edge_error=f"{type(error).__name__}: {error}")

    def _run_exit(self, request: Request, exit_name: str, due_s: float) -> Outcome:
        """The answer of a local exit, with nothing beside it."""
        began_s = self._clock()
        tensor, start = self._at_hand(request, exit_name)
        logits = self._local_exits.run(exit_name, tensor, start)[0]
        return self._local_outcome(request, exit_name, logits, began_s, due_s, start)

    def _at_hand(self, request: Request, exit_name: str) -> tuple[np.ndarray, int]:
        """What an exit can begin with, and at which layer: the activation that went up, or the input."""
        if request.activation is not None and self._local_exits.can_go_on(exit_name, request.plan):
            return request.activation, request.plan.start
        return request.tensor, 0

    def _local_outcome(
        self,
        request: Request,
        exit_name: str,
        logits: np.ndarray,
        began_s: float,
        due_s: float,
        start: int,
    ) -> Outcome:
        """A local exit's answer, with the layers before ``start`` where these had been run already."""
        ended_s = self._clock()
        before_s = request.before_s if start else 0.0
        return Outcome(
            Plan.device_only(exit_name),
            logits,
            Timeline({Step.RUN_DEVICE: before_s + ended_s - began_s}),
            LocalRun(ended_s - due_s, after_wait=due_s == request.latest_start_s(), whole=start == 0),
        )

    def _race(
        self,
        request: Request,
        exit_name: str,
        due_s: float,
        under_way: Future[Arrival],
        tail: Stage | None,
    ) -> Outcome:
        """A local exit beside what is left of the plan, which ends the exit where it is first.

        Where the plan's exit is the deeper one and the edge answers whole, the local answer is held back for
        it as long as time allows.
        """
        began_s = self._clock()
        tensor, start = self._at_hand(request, exit_name)
        local, stop = self._local_exits.start(exit_name, tensor, start)
        both: list[Future[Any]] = [local, under_way]
        wait(both, return_when=FIRST_COMPLETED)
        by_plan = self._rest_of_plan(request, tail, local)
        if by_plan is not None:
            stop()
            if start == 0:
                self._local_exits.outlasted(exit_name, self._clock() - began_s)
            return by_plan
        logits = local.result()[0]
        answered = self._local_outcome(request, exit_name, logits, began_s, due_s, start)
        is_deeper = self._graph.path_of(request.plan.exit).index > self._graph.path_of(exit_name).index
        if tail is None and is_deeper:
            hold_until = Deadline(request.deadline.at_s - _DELIVERY_S, self._clock)
            wait([under_way], hold_until.left_s())
        return self._rest_of_plan(request, tail, local) or answered

    def _rest_of_plan(self, request: Request, tail: Stage | None, local: Future[Any]) -> Outcome | None:
        """The plan's answer, if the edge's has come and the tail ends before the local exit."""
        assert request.asked is not None, "an endpoint was asked"
        if tail is not None and local.done():
            return None
        arrival = self._edge.overtaken(request.asked)
        if arrival is None:
            return None
        plan, began_s = request.plan, self._clock()
        cut = self._graph.path_of(plan.exit).cut(plan.stop)
        try:
            output = self._edge.activation(request.asked, arrival, cut)
        except HeadRefusedError:
            return None
        if tail is not None:
            rest, stop = self._local_exits.start_layers(tail, output)
            wait([rest, local], return_when=FIRST_COMPLETED)
            if not rest.done():
                stop()
                self._edge.observe(arrival.transfer)  # of no use to this request, but a measurement
                return None
            output = rest.result()
        tail_s = self._clock() - began_s if tail is not None else 0.0
        timeline = arrival.timeline(request.encode_s, tail_s, request.before_s)
        return Outcome(plan, output[0], timeline, endpoint=request.asked.endpoint)
