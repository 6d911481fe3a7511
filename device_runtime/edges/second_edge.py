"""Another edge for a request whose own one failed, while the answer of that is predicted to be in time."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from edgent.planning.fallback import Fallback
from edgent.planning.second_edge import rescue_decision
from edgent.planning.stages import Step
from edgent.planning.worth import Worth, best_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.carrying_out.request import Request
    from device_runtime.edges.addresses import AddressBook
    from device_runtime.edges.edges import Edge, Edges
    from device_runtime.edges.retry_budget import RetryBudget
    from edgent.errors import EdgeError
    from edgent.planning.costs import BoolArray
    from edgent.planning.decision import Decision
    from edgent.planning.objective import Objective

_LOG = logging.getLogger(__name__)
_NO_PLANNER = Worth((0.0,), 0.0)


class SecondEdge:
    """Finds another edge for a request. The local exit that stands by starts when it must all the same."""

    def __init__(
        self,
        edges: Edges,
        addresses: AddressBook,
        objective: Objective,
        retries: RetryBudget,
        clock: Callable[[], float],
    ) -> None:
        """Take the edges among which a second one is found; none is wanted yet.

        Args:
            edges: all of them.
            addresses: where windows are asked for.
            objective: what plans in time are chosen for.
            retries: how often there may be a second one.
            clock: monotonic seconds, the requests'.
        """
        self._edges = edges
        self._addresses = addresses
        self._objective = objective
        self._retries = retries
        self._clock = clock

    def on(self, request: Request, error: EdgeError) -> Request | None:
        """The request with another edge, and perhaps another plan; None: the device has to answer."""
        tried = {request.edge, *(failure.edge for failure in request.failed)}
        found = [
            (edge, planned)
            for edge in self._edges
            if edge.session not in tried
            and edge.session.is_free
            and (planned := self._planned(edge, request))
        ]
        if not found or not self._retries.spend():
            return None
        edge, (decision, _) = found[best_of([worth for _, (_, worth) in found])]
        plan = request.plan if decision is None else decision.plan
        _LOG.info("%s: %s; %s is asked for %s", request.edge.name, error, edge.name, plan)
        return request.elsewhere(edge.session, error, self._addresses.of(plan), decision)

    def _planned(self, edge: Edge, request: Request) -> tuple[Decision | None, Worth] | None:
        """What to ask an edge for; None for nothing. Without a planner nothing is predicted."""
        now_s = self._clock()
        if edge.planner is None or edge.calibration is None or request.decision is None:
            ready = edge.session.roster.hopeful(self._addresses.of(request.plan))
            has_time = min(request.latest_start_s(), request.deadline.at_s) > now_s
            return (None, _NO_PLANNER) if ready and has_time else None
        local, tracker = request.local, edge.session.tracker
        assert tracker is not None, "an edge that is planned for has a link that is followed"
        left_s = request.deadline.at_s - now_s
        waits_s = request.latest_start_s() - now_s if isinstance(local, Fallback) else left_s
        done_s = 0.0 if request.at_hand is None else request.before_s
        decision = rescue_decision(
            edge.calibration.table,
            tracker.expected,
            left_s=left_s + done_s,
            latest_start_s=waits_s + done_s,
            better_than=local.accuracy if isinstance(local, Fallback) else -1.0,
            ready=self._possible(edge, request),
            objective=self._objective,
            spread=edge.calibration.spread,
        )
        return None if decision is None or decision.worth is None else (decision, decision.worth)

    def _possible(self, edge: Edge, request: Request) -> BoolArray:
        """Plans that an edge is ready for and that go on with what is at hand: the same one, or the input."""
        assert edge.calibration is not None, "it is planned for"
        table, possible = edge.calibration.table, edge.calibration.possible
        goes_on = table.seconds[Step.RUN_BEFORE] == 0
        if request.at_hand is not None:
            goes_on = np.array([plan == request.plan for plan in table.plans])
        ready: BoolArray = edge.session.roster.known() & goes_on
        return ready if possible is None else ready & possible
