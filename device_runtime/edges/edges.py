"""All edges: which of them a request goes to, and what concerns every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.edges.edge_belief import EdgeBelief
from edgent.planning.worth import Worth, best_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from device_runtime.choosing.planner import Planner
    from device_runtime.choosing.second_thoughts import SecondThoughts
    from device_runtime.edges.addresses import Addresses
    from device_runtime.edges.edge_session import EdgeSession
    from device_runtime.exchange.edge_client import EdgeClient
    from device_runtime.learning.calibration import Calibration
    from edgent.planning.decision import Decision


@dataclass(frozen=True, eq=False)
class Edge:
    """One edge.

    Attributes:
        session: the connection to it, and what is known of it.
        planner: chooses plans for it; None when the plan is fixed.
        second_thoughts: decides again where a frame is large; None in the same case.
        client: what the session asks it by; None where its certificate is nobody's concern.
    """

    session: EdgeSession
    planner: Planner | None = None
    second_thoughts: SecondThoughts | None = None
    client: EdgeClient | None = None

    @property
    def name(self) -> str:
        """As the spec calls it, or its address."""
        return self.session.name

    @property
    def certificate_expires_s(self) -> float | None:
        """When its certificate ends, in seconds since 1970; None without TLS, and before it answered."""
        return None if self.client is None else self.client.certificate_expires_s

    @property
    def calibration(self) -> Calibration | None:
        """Of its cost table; None when the plan is fixed."""
        return None if self.planner is None else self.planner.calibration

    def exchange_s(self, decision: Decision | None) -> float:
        """Seconds that the exchange of a plan is expected to take; 1 where nothing is predicted.

        Args:
            decision: of the plan, for this edge; None where the plan is given.
        """
        calibration, tracker = self.calibration, self.session.tracker
        if decision is None or calibration is None or tracker is None:
            return 1.0
        table, k = calibration.table, decision.index
        here_s = table.before_request_s[k] + table.after_arrival_s[k]
        return float(table.latency_s(tracker.expected, slice(k, k + 1))[0] - here_s)

    @property
    def belief(self) -> EdgeBelief:
        """What is believed of it and of its link now."""
        tracker = self.session.tracker
        return EdgeBelief(self.name, self.session.absence, None if tracker is None else tracker.belief)


class Edges:
    """One edge or more, of which each is planned for, asked, probed and left alone by itself."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self._edges = tuple(edges)
        self._lost = self._absent()

    def __iter__(self) -> Iterator[Edge]:
        return iter(self._edges)

    def __len__(self) -> int:
        return len(self._edges)

    @property
    def first(self) -> Edge:
        """The one that the spec lists first."""
        return self._edges[0]

    @property
    def calibrations(self) -> tuple[Calibration, ...]:
        """Of all cost tables; none when the plan is fixed."""
        return tuple(edge.calibration for edge in self if edge.calibration is not None)

    @property
    def start_error(self) -> str | None:
        """Why edges did not answer when they were opened; None where all did."""
        errors = [edge.session.start_error for edge in self if edge.session.start_error is not None]
        return "; ".join(errors) or None

    @property
    def absence(self) -> str | None:
        """Why all edges are left alone; None while any may be asked."""
        absent = self._absent()
        return "; ".join(dict.fromkeys(absent.values())) if len(absent) == len(self) else None

    def of(self, session: EdgeSession) -> Edge:
        """The edge that a session is with."""
        return next(edge for edge in self if edge.session is session)

    def decide(self, requirement_s: float) -> tuple[Edge, Decision]:
        """The best of the plans that are best for each edge; the quickest of those that are about as good."""
        decided = [(edge, edge.planner.decide(requirement_s)) for edge in self if edge.planner is not None]
        return decided[best_of([decision.worth or _in_time(decision) for _, decision in decided])]

    def avoided(self, chosen: Edge, addresses: Addresses) -> dict[str, str]:
        """What is wrong with edges that were not chosen, by the names of those with which something is.

        Args:
            chosen: the edge that was.
            addresses: where its window may be asked for.
        """
        troubles = ((edge.name, edge.session.trouble(addresses)) for edge in self if edge is not chosen)
        return {name: why for name, why in troubles if why is not None}

    def for_plan(self, addresses: Addresses) -> Edge:
        """The first that may be asked for a plan that is given; the first of all where none may."""

        def preferred(edge: Edge) -> tuple[bool, bool]:
            return not edge.session.is_free, not edge.session.roster.hopeful(addresses)

        return min(self, key=preferred)

    def take_lost(self) -> str | None:
        """Which edges are left alone from now on, and why; said once, None where there is nothing new."""
        absent, before = self._absent(), self._lost
        self._lost = absent
        return "; ".join(f"{name}: {why}" for name, why in absent.items() if name not in before) or None

    def _absent(self) -> dict[str, str]:
        """Why edges are left alone, by the names of those that are."""
        absences = ((edge.name, edge.session.absence) for edge in self)
        return {name: why for name, why in absences if why is not None}

    def collect(self) -> None:
        """Take in what came of exchanges that nobody waited for."""
        for edge in self:
            edge.session.collect()

    def probe_if_due(self, asked: EdgeSession, addresses: Addresses) -> None:
        """Keep the links known that no request crosses, and ask after lost edges.

        Args:
            asked: the edge that the plan was for.
            addresses: of that plan; none where it was device-only.
        """
        for edge in self:
            edge.session.probe_if_due(addresses, is_crossed=edge.session is asked)

    def abandon(self) -> None:
        """End the exchanges under way: their request is answered on the device."""
        for edge in self:
            edge.session.abandon()

    def close(self) -> None:
        """Close all connections."""
        for edge in self:
            edge.session.close()


def _in_time(decision: Decision) -> Worth:
    """What a decision is worth that says nothing of it."""
    return Worth((float(decision.meets_requirement),), decision.latency_s)
