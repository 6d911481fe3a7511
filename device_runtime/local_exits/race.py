"""What is still to come of a plan, beside what the device runs instead: whose answer is given."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, wait
from typing import TYPE_CHECKING, Any

from device_runtime.carrying_out.outcome import Outcome
from device_runtime.early_exits.asking import why_not_inside
from device_runtime.early_exits.left_on_edge import left_on_edge
from edgent.errors import HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from concurrent.futures import Future

    from device_runtime.carrying_out.request import Request
    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival
    from device_runtime.local_exits.climb import Climb
    from device_runtime.local_exits.local_exits import LocalExits
    from edgent.network import Network
    from edgent.planning.stages import Stage


class Race:
    """Waits for the device and for the edge at once."""

    def __init__(self, network: Network, local_exits: LocalExits, clock: Callable[[], float]) -> None:
        self._network = network
        self._local_exits = local_exits
        self._clock = clock

    def against_exit(
        self, request: Request, local: Future[Any], under_way: Future[Arrival]
    ) -> Outcome | None:
        """The plan's answer; None where the local exit was first."""
        wait([local, under_way], return_when=FIRST_COMPLETED)
        return self._rest_of_plan(request, self._local_exits.tail_of(request.plan), local)

    def held_out_for(
        self, request: Request, exit_name: str, local: Future[Any], under_way: Future[Arrival]
    ) -> Outcome | None:
        """The plan's answer, if it comes while the local exit's can still be given in time.

        It is waited for where its exit is the deeper one and the edge answers whole.
        """
        tail = self._local_exits.tail_of(request.plan)
        names = self._network.graph.exit_names
        if tail is None and names.index(request.plan.exit) > names.index(exit_name):
            wait([under_way], request.give_at().left_s())
        return self._rest_of_plan(request, tail, local)

    def against_climb(
        self, request: Request, climb: Climb, under_way: Future[Arrival] | None
    ) -> Outcome | None:
        """The edge's whole answer; None where what the climb has reached by then is to be answered.

        The climb has until an answer is to be given; its first exit is waited for whatever it takes. The
        edge's answer is taken unless a more accurate exit was reached.
        """
        accuracy = self._local_exits.accuracy_of(request.plan.exit)
        awaited: set[Future[Any]] = {climb.ended} if under_way is None else {climb.ended, under_way}
        while awaited:
            first = self._first_of(awaited, request.give_at(), climb)
            best = climb.best
            if under_way in first and (best is None or best.accuracy <= accuracy):
                by_edge = self._rest_of_plan(request, None, climb.ended)
                if by_edge is not None:
                    return by_edge
            awaited -= first
            is_done = climb.ended.done() and (best is None or best.accuracy >= accuracy)
            if is_done or not first:
                break
        return None

    @staticmethod
    def _first_of(awaited: Collection[Future[Any]], give_at: Deadline, climb: Climb) -> set[Future[Any]]:
        """Those that have ended by the time that an answer is to be given; later where there is none yet."""
        first = wait(awaited, give_at.left_s(), FIRST_COMPLETED).done
        if not first and climb.best is None:
            first = wait(awaited, return_when=FIRST_COMPLETED).done
        return first

    def _rest_of_plan(self, request: Request, tail: Stage | None, local: Future[Any]) -> Outcome | None:
        """The plan's answer, if the edge's has come and the tail ends before the local exit."""
        assert request.asked is not None, "an endpoint was asked"
        if tail is not None and local.done():
            return None
        arrival = request.edge.overtaken(request.asked)
        if arrival is None:
            return None
        plan, began_s = request.plan, self._clock()
        try:
            output = request.edge.activation(request.asked, arrival, self._network.ends(plan)[1])
        except HeadRefusedError:
            return None
        early = left_on_edge(request, arrival, output)
        if early is not None:
            return early
        if tail is not None:
            rest, stop = self._local_exits.start_layers((tail,), output)
            wait([rest, local], return_when=FIRST_COMPLETED)
            if not rest.done():
                stop()
                request.edge.observe(arrival.transfer)  # of no use to this request, but a measurement
                return None
            output = rest.result()
        tail_s = self._clock() - began_s if tail is not None else 0.0
        timeline = request.timeline(arrival, tail_s, tail.decoder if tail else None)
        asked = (*request.passed, *arrival.passed)
        return Outcome(
            plan,
            output[0],
            timeline,
            endpoint=request.asked.endpoint,
            edge=request.edge,
            passed=(*asked, plan.exit) if asked else (),
            not_asked=why_not_inside(self._network.spec.name, request, arrival),
            asked_s=request.asked_s + arrival.asked_s,
        )
