"""Another edge beside one whose answer is overdue: whichever answers first counts.

This is a hedged request (Dean and Barroso, "The Tail at Scale", 2013). It comes before the device's own
hedge, the local exit, which starts when it must all the same.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from device_runtime.carrying_out.outcome import Outcome
from device_runtime.deadline import Deadline
from edgent.errors import EdgeTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.carrying_out.request import Beside, Request
    from device_runtime.edges.addresses import Address
    from device_runtime.edges.edges import Edges
    from device_runtime.edges.second_edge import SecondEdge
    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.errors import EdgeError

Ended: TypeAlias = "Outcome | tuple[Request, EdgeError]"
"""What came of asking an edge: its answer; or the request as it stands then, and why there is none."""


class Overdue:
    """Waits for an edge until its answer is overdue, and then for two."""

    def __init__(self, edges: Edges, second_edge: SecondEdge, ask_edge: Callable[[Request], Ended]) -> None:
        """Take the edges that may be waited for; nobody waits yet.

        Args:
            edges: all of them.
            second_edge: finds the other one, where the retry budget allows it.
            ask_edge: asks it.
        """
        self._edges = edges
        self._second_edge = second_edge
        self._ask_edge = ask_edge

    def answer(self, request: Request, address: Address, wait_until: Deadline) -> Arrival | Ended:
        """The edge's answer; or what came of another one, which answered first or is the last under way.

        Args:
            request: what is under way, its frame sent.
            address: where it was sent.
            wait_until: when to stop waiting for any edge.

        Raises:
            EdgeError: the edge did not answer, or not by then, and no other one is under way.
        """
        edge, unless = request.edge, request.other_answers
        overdue = self._overdue_at(request)
        try:
            return edge.answer(
                address,
                wait_until=wait_until if overdue is None else min(wait_until, overdue, key=_moment),
                unless=unless,
                beside=partial(_meanwhile, request, request.beside) if request.beside else None,
            )
        except EdgeTimeoutError:
            is_over = wait_until.left_s() <= 0 or any(other.done() for other in unless)
            if overdue is None or not edge.is_busy or is_over:
                raise
        waited_s = overdue.at_s - (request.written_s or 0.0)
        error = EdgeTimeoutError(f"{address} usually answers within {waited_s * 1e3:.1f} ms and did not")
        beside = self._beside(request, error)
        return beside or edge.answer(address, wait_until=wait_until, unless=unless)

    def _overdue_at(self, request: Request) -> Deadline | None:
        """When the answer is overdue; None where nobody else is asked, or somebody is already."""
        if len(self._edges) == 1 or not request.hedged or request.first_answer is not None:
            return None
        assert request.written_s is not None, "the frame is written"
        expected_s = self._edges.of(request.edge).exchange_s(request.decision)
        after_s = request.edge.punctuality.overdue_after_s(expected_s)
        return Deadline(request.written_s + after_s, request.deadline.clock)

    def _beside(self, request: Request, error: EdgeTimeoutError) -> Ended | None:
        """What came of another edge; None where the first one is waited for, or has answered."""
        other = self._second_edge.on(request, error)
        if other is None:
            return None
        assert request.edge.under_way is not None, "an overdue answer is under way"
        first_answer = _once_answered(request.edge.under_way)
        ended = self._ask_edge(replace(other, first_answer=first_answer))
        if isinstance(ended, Outcome):
            return replace(ended, passed_over=ended.passed_over or other.why_others_failed())
        is_under_way = ended[0].asked is not None and ended[0].edge.is_busy
        return ended if is_under_way and not first_answer.done() else None


def _moment(deadline: Deadline) -> float:
    return deadline.at_s


def _meanwhile(request: Request, beside: Beside, under_way: Future[Arrival]) -> Deadline:
    """Let the device do something else; until when to wait for the edge then, which may be sooner now."""
    beside.while_away(request, under_way)
    return request.wait_until()


def _once_answered(under_way: Future[Arrival]) -> Future[None]:
    """Done once an exchange has brought an answer; never if it fails."""
    answered = Future[None]()

    def tell(ended: Future[Arrival]) -> None:
        if not ended.cancelled() and ended.exception() is None:
            answered.set_result(None)

    under_way.add_done_callback(tell)
    return answered
