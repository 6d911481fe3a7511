"""What answers when the edge does not: a local exit, beside a whole answer that may still come."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from device_runtime.deadline import Deadline
from device_runtime.outcome import LocalRun, Outcome
from device_runtime.timeline import Timeline
from edgent.errors import HeadRefusedError
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

    def answer(self, request: Request, error: EdgeError, *, may_race: bool) -> Outcome:
        """The answer of a local exit, or the edge's where that comes in time after all.

        Args:
            request: what is to be answered.
            error: why the edge did not answer.
            may_race: whether what is under way to the edge is this very request.
        """
        _LOG.info("%s: %s", type(error).__name__, error)
        due_s = min(request.latest_start_s(), self._clock())
        exit_name = self._local_exits.to_run_now(request.local, request.deadline.left_s())
        under_way = self._edge.under_way
        if may_race and under_way is not None and self._is_edge_only(request.plan):
            outcome = self._race(request, exit_name, due_s, under_way)
        else:
            outcome = self._run_exit(request, exit_name, due_s)
        if outcome.local is None:
            return outcome
        return replace(outcome, edge_error=f"{type(error).__name__}: {error}")

    def _is_edge_only(self, plan: Plan) -> bool:
        return plan.stop == len(self._graph.path_of(plan.exit).layers)

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

    def _race(self, request: Request, exit_name: str, due_s: float, under_way: Future[Arrival]) -> Outcome:
        """A local exit beside the whole answer of a head; the edge's answer stops the exit.

        Where the head's exit is the deeper one, the local answer is held back for it as long as time allows.
        """
        began_s = self._clock()
        tensor, start = self._at_hand(request, exit_name)
        local, stop = self._local_exits.start(exit_name, tensor, start)
        both: list[Future[Any]] = [local, under_way]
        wait(both, return_when=FIRST_COMPLETED)
        whole = self._whole_answer(request)
        if whole is not None:
            stop()
            if start == 0:
                self._local_exits.outlasted(exit_name, self._clock() - began_s)
            return whole
        logits = local.result()[0]
        answered = self._local_outcome(request, exit_name, logits, began_s, due_s, start)
        is_deeper = self._graph.path_of(request.plan.exit).index > self._graph.path_of(exit_name).index
        if is_deeper:
            hold_until = Deadline(request.deadline.at_s - _DELIVERY_S, self._clock)
            wait([under_way], hold_until.left_s())
        whole = self._whole_answer(request)
        return answered if whole is None else whole

    def _whole_answer(self, request: Request) -> Outcome | None:
        """The edge's answer, if it has come and is one."""
        assert request.head is not None, "a head was asked"
        arrival = self._edge.overtaken(request.head)
        if arrival is None:
            return None
        plan = request.plan
        cut = self._graph.path_of(plan.exit).cut(plan.stop)
        try:
            logits = self._edge.activation(request.head, arrival, cut)[0]
        except HeadRefusedError:
            return None
        return Outcome(plan, logits, arrival.timeline(request.encode_s, before_s=request.before_s))
