"""Who chooses the plan of the next request: Algorithm 1 on a steady link, or a policy on one that moves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from edgent.planning.best_range import BandwidthRange, best_range
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.objective import USUAL_OBJECTIVE, Objective
from edgent.planning.policies.decided import decided
from edgent.planning.quick_among_equals import ABOUT_AS_GOOD
from edgent.planning.situation import Situation
from edgent.planning.sparing import spare_the_edge
from edgent.planning.worth import Worth

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.learning.calibration import Calibration
    from device_runtime.link.link import LinkMeter
    from device_runtime.link.link_tracking import MovingLink
    from edgent.planning.cost_table import CostTable
    from edgent.planning.costs import BoolArray
    from edgent.planning.decision import Decision
    from edgent.planning.fallback import LocalExit
    from edgent.planning.link import Link
    from edgent.planning.policies.policy import Policy

_ABOUT, _ABOUT_S = 0.05, 1e-3
"""A link that differs by less in what a range of bandwidths takes as given leaves the range as it is."""
_REFUSES = 0.5
"""An edge that refuses with this chance or more counts as late, until that is forgotten."""


class Chooser(Protocol):
    """Decides before each request."""

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """The plan of the next request, among the ready ones."""


class SteadyChooser:
    """Algorithm 1 on the measured link; it plans again only where another plan would be better.

    With another objective it plans again whenever the link was measured.
    """

    def __init__(
        self, calibration: Calibration, meter: LinkMeter, objective: Objective = USUAL_OBJECTIVE
    ) -> None:
        self._calibration = calibration
        self._meter = meter
        self._objective = objective
        self._decision: Decision | None = None
        self._made_for: tuple[object, ...] = ()
        self._made_from: CostTable | None = None
        self._made_on = meter.link
        self._range = BandwidthRange(0.0, 0.0)

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """The deepest exit that answers in time, spread included where one does, at its fastest plan."""
        made_for = (latency_requirement_s, None if ready is None else ready.tobytes())
        link, table = self._meter.link, self._calibration.table
        if (
            self._decision is None
            or self._made_from is not table
            or made_for != self._made_for
            or link.upload_bps not in self._range
            or not self._is_like(link)
        ):
            self._decision, self._range = self._search(table, latency_requirement_s, ready)
            self._made_for, self._made_from, self._made_on = made_for, table, link
        decision = self._decision
        if self._meter.load.is_busy:
            latency_s = table.latency_s(link)
            in_time = (latency_s <= latency_requirement_s / self._calibration.spread).astype(np.float64)
            decision = spare_the_edge(table, decision, in_time, latency_s, ready)
        return replace(decision, worth=self._worth(decision, table, link))

    def _worth(self, decision: Decision, table: CostTable, link: Link) -> Worth:
        """What the decision is worth on the link as it is now, which may have moved within its range."""
        refused = bool(table.remote[decision.index]) and self._meter.refusals.chance >= _REFUSES
        if refused or not decision.meets_requirement:
            return Worth((0.0,), float(table.latency_s(link)[decision.index]))
        return self._objective.worth(table, decision.index, table.in_the_mean.latency_s(link))

    def _is_like(self, link: Link) -> bool:
        """Whether the range holds here: ratio of bandwidths and round trip are about the same."""
        before = self._made_on
        return math.isclose(
            link.download_bps * before.upload_bps, before.download_bps * link.upload_bps, rel_tol=_ABOUT
        ) and math.isclose(link.round_trip_s, before.round_trip_s, rel_tol=_ABOUT, abs_tol=_ABOUT_S)

    def _search(
        self, table: CostTable, latency_requirement_s: float, ready: BoolArray | None
    ) -> tuple[Decision, BandwidthRange]:
        link = self._meter.link
        budget_s = latency_requirement_s / self._calibration.spread
        decision = self._objective.search(table, link, budget_s, ready=ready)
        if not decision.meets_requirement:
            budget_s = latency_requirement_s
            decision = self._objective.search(table, link, budget_s, ready=ready)
        if not self._objective.is_usual:
            return decision, BandwidthRange(link.upload_bps, link.upload_bps)
        return decision, best_range(table, link, budget_s, decision, ready=ready)


class PolicyChooser:
    """A policy on a forecast of the bandwidth (paper, Algorithm 3, and beyond)."""

    def __init__(
        self,
        calibration: Calibration,
        tracker: MovingLink,
        policy: Policy,
        local_exits: Callable[[], tuple[LocalExit, ...]],
        *,
        is_eager: bool = False,
    ) -> None:
        """Take what decisions are made from; none is made yet.

        Args:
            calibration: what is chosen from.
            tracker: follows the link, with a forecast.
            policy: decides.
            local_exits: the device's own exits, with the times that they take now.
            is_eager: whether these run while the edge is awaited.
        """
        self._calibration = calibration
        self._tracker = tracker
        self._policy = policy
        self._local_exits = local_exits
        self._is_eager = is_eager
        self._previous: Decision | None = None

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """What the policy says of the situation."""
        meter, table = self._tracker.meter, self._calibration.table
        prepare_s = float(table.prepare_s.max())
        situation = Situation(
            link=meter.link,
            latency_requirement_s=latency_requirement_s,
            forecast=self._tracker.forecast,
            previous=self._previous,
            ready=ready,
            local_exits=tuple(
                replace(local, time_s=local.time_s + prepare_s) for local in self._local_exits()
            ),
            download_forecast=self._tracker.download_forecast,
            is_eager=self._is_eager,
            compute_spread=self._calibration.compute_spread,
            refusal_chance=meter.refusals.chance,
        )
        decision = decided(self._policy, table, situation)
        self._previous = decision = replace(decision, worth=decision.worth or _by_accuracy(decision, table))
        if meter.load.is_busy:
            in_time = LinkDistribution(situation).in_time(table, latency_requirement_s)
            return spare_the_edge(table, decision, in_time, table.latency_s(situation.mean_link), ready)
        return decision


def _by_accuracy(decision: Decision, table: CostTable) -> Worth:
    """What a decision is worth whose policy says nothing of it: its accuracy, if it is in time."""
    accuracy = float(table.accuracy[decision.index]) if decision.meets_requirement else 0.0
    return Worth((accuracy,), decision.latency_s, ABOUT_AS_GOOD)
