"""What answers when the edge does not: local exits, beside what may still come of the plan."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.carrying_out.outcome import LocalRun, Outcome
from device_runtime.local_exits.exit_ladder import first_rung
from device_runtime.local_exits.race import Race
from device_runtime.timeline import Timeline
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError, ExpiredError
from edgent.planning.fallback import NoFallback
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.carrying_out.preparation import Preparation
    from device_runtime.carrying_out.request import Request
    from device_runtime.exchange.exchange_thread import Arrival
    from device_runtime.local_exits.climb import Climb
    from device_runtime.local_exits.local_exits import LocalExits
    from edgent.errors import EdgeError
    from edgent.network import Network

_LOG = logging.getLogger(__name__)


class Rescue:
    """Answers a request whose edge failed or is late.

    Attributes:
        preparation: makes inputs of photos whose files had gone up.
    """

    def __init__(
        self,
        network: Network,
        local_exits: LocalExits,
        clock: Callable[[], float],
        preparation: Preparation,
    ) -> None:
        self.preparation = preparation
        self._local_exits = local_exits
        self._clock = clock
        self._race = Race(network, local_exits, clock)
        self._climb: Climb | None = None
        self._is_closed = False

    def answer(self, request: Request, error: EdgeError) -> Outcome:
        """The best exit that the device reaches in time, or the plan's answer where that is first after all.

        While a local exit can be in time, what runs here has the device for itself: only a whole answer of
        the edge is taken beside it. Where nothing can be in time any more, the plan's tail runs beside it,
        too.

        Args:
            request: what is to be answered.
            error: why the edge did not answer.
        """
        _LOG.info("%s: %s", type(error).__name__, error)
        due_s = min(request.latest_start_s(), self._clock())
        if request.climb is None:
            request = replace(request, prepare_s=self.preparation.prepare(request.given))
        left_s = request.answer_by.left_s()
        exit_name = self._local_exits.to_run_now(request.local, left_s, request.at_hand)
        is_late = (
            isinstance(request.local, NoFallback)
            or self._local_exits.usually_takes(exit_name, request.at_hand) > left_s
        )
        has_tail = self._local_exits.tail_of(request.plan) is not None
        under_way = request.edge.under_way if request.asked is not None else None
        climb = request.climb or self._start_climb(request, exit_name)
        if climb is not None:
            outcome = self._go_up(request, climb, due_s, None if has_tail else under_way)
        else:
            outcome = self._run_exit(
                request, exit_name, due_s, None if has_tail and not is_late else under_way
            )
        outcome = replace(outcome, prepare_s=request.prepare_s)
        if outcome.local is None:
            return outcome
        is_awaited = request.asked is not None and isinstance(error, (EdgeTimeoutError, ExpiredError))
        # Without a connection, or where it broke, nobody knows what left the device.
        sent_bytes = 0 if isinstance(error, EdgeUnreachableError) else request.sent_bytes
        return replace(
            outcome,
            timeline=replace(outcome.timeline, sent_bytes=sent_bytes),
            edge_error=f"{type(error).__name__}: {error}",
            tried=request.tried(),
            late_edge=request.edge if is_awaited else None,
        )

    def begun(self, request: Request) -> Request:
        """The request, with a climb beside the wait for the edge where ``device.hedge`` is eager."""
        if not request.eager or request.climb is not None or isinstance(request.local, NoFallback):
            return request
        return replace(request, climb=self._start_climb(request, request.local.exit))

    def close(self) -> None:
        """From another thread: answer the request under way with what it has reached, or reaches next."""
        self._is_closed = True
        if self._climb is not None:
            self._climb.finish()

    def _start_climb(self, request: Request, exit_name: str) -> Climb | None:
        """Go from exit to exit from what is at hand, not past this one before it is answered.

        None where it is in time only if its path is run in one go, or not at all.
        """
        exits, give_at = self._local_exits, request.give_at()
        start = exits.climbs_from(request.at_hand)
        left_s = give_at.left_s() - self.preparation.expected_s(request.given)
        first = first_rung(exits.rungs(start), exit_name, exits.accuracy_of(exit_name), left_s)
        if first is None:
            return None

        def image() -> np.ndarray:
            self.preparation.prepare(request.given)
            return request.tensor

        def begin() -> np.ndarray:
            return request.activation if start and request.activation is not None else image()

        enough = exits.accuracy_of(request.plan.exit)
        self._climb = exits.start_climb(begin, image, start, first, give_at, enough)
        if self._is_closed:
            self._climb.finish()
        return self._climb

    def _go_up(
        self, request: Request, climb: Climb, due_s: float, under_way: Future[Arrival] | None
    ) -> Outcome:
        """The best exit that a climb reaches in time, or the edge's answer."""
        by_edge = self._race.against_climb(request, climb, under_way)
        climb.stop()
        if by_edge is not None:
            return by_edge
        if climb.best is None:
            climb.ended.result()
        reached = climb.reached
        start = 0 if reached[-1].from_input else self._local_exits.climbs_from(request.at_hand)
        before_s = request.before_s if start else 0.0
        return Outcome(
            Plan.device_only(reached[-1].exit),
            reached[-1].logits[0],
            Timeline({Step.RUN_DEVICE: before_s + reached[-1].run_s}),
            LocalRun(
                self._clock() - due_s - request.prepare_s,
                after_wait=due_s == request.latest_start_s(),
                whole=False,
                start=start,
                passed=tuple(at.exit for at in reached),
            ),
        )

    def _run_exit(
        self, request: Request, exit_name: str, due_s: float, under_way: Future[Arrival] | None
    ) -> Outcome:
        """The answer of a local exit whose path is run in one go, or the plan's where that is first."""
        began_s = self._clock()
        tensor, start = self._at_hand(request, exit_name)
        if under_way is None:
            logits = self._local_exits.run(exit_name, tensor, start)
            return self._answered(request, exit_name, logits, began_s, due_s, start)
        local, stop = self._local_exits.start(exit_name, tensor, start)
        by_plan = self._race.against_exit(request, local, under_way)
        if by_plan is not None:
            stop()
            if start == 0:
                self._local_exits.outlasted(exit_name, self._clock() - began_s)
            return by_plan
        answered = self._answered(request, exit_name, local.result(), began_s, due_s, start)
        return self._race.held_out_for(request, exit_name, local, under_way) or answered

    def _answered(
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
            logits[0],
            Timeline({Step.RUN_DEVICE: before_s + ended_s - began_s}),
            LocalRun(
                ended_s - due_s - request.prepare_s,
                after_wait=due_s == request.latest_start_s(),
                whole=start == 0,
                start=start,
                passed=(exit_name,),
            ),
        )

    def _at_hand(self, request: Request, exit_name: str) -> tuple[np.ndarray, int]:
        """What an exit can begin with, and at which layer: the activation that went up, or the input."""
        if request.activation is not None and self._local_exits.can_go_on(exit_name, request.plan):
            return request.activation, self._local_exits.reached(request.plan)
        return request.tensor, 0
