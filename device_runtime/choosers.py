"""Who chooses the plan of the next request: the user, Algorithm 1 on a steady link, or an optimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edgent.planning.best_range import BandwidthRange, best_range
from edgent.planning.decision import Decision
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.situation import Situation

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.calibration import Calibration
    from device_runtime.link import LinkMeter
    from edgent.bandwidth.forecast import Forecast
    from edgent.planning.cost_table import BoolArray, CostTable
    from edgent.planning.plan import Plan
    from edgent.planning.policies.policy import Policy

_TRUSTED_WEIGHT = 0.5  # a measurement that tells less than this does not replace the bandwidth


class Chooser(Protocol):
    """Decides before each request, and takes in what each exchange showed."""

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """The plan of the next request, among the ready candidates."""

    def observe(self, upload_bps: float, weight: float) -> None:
        """Take in a measured bandwidth and how much it tells, 0 to 1."""

    @property
    def state_changed(self) -> bool:
        """Whether the last measurement showed another bandwidth state."""


class FixedPlan:
    """The user's plan, whatever the link does."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._decision = Decision(plan, float("nan"), True, -1, "fixed")

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """Always the same."""
        return self._decision

    def observe(self, upload_bps: float, weight: float) -> None:
        """Changes nothing."""

    state_changed = False


class SteadyLink:
    """Algorithm 1 on the measured link; planned again only where another plan would be better."""

    def __init__(self, calibration: Calibration, meter: LinkMeter) -> None:
        self._calibration = calibration
        self._meter = meter
        self._decision: Decision | None = None
        self._made_for: tuple[object, ...] = ()
        self._made_from: CostTable | None = None
        self._range = BandwidthRange(0.0, 0.0)

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """The deepest exit that answers in time, spread included where one does, at its fastest candidate."""
        made_for = (latency_requirement_s, None if ready is None else ready.tobytes())
        link, candidates = self._meter.link, self._calibration.candidates
        if (
            self._decision is None
            or self._made_from is not candidates
            or made_for != self._made_for
            or link.upload_bps not in self._range
        ):
            self._decision, self._range = self._search(candidates, latency_requirement_s, ready)
            self._made_for, self._made_from = made_for, candidates
        return self._decision

    def _search(
        self, candidates: CostTable, latency_requirement_s: float, ready: BoolArray | None
    ) -> tuple[Decision, BandwidthRange]:
        link = self._meter.link
        budget_s = latency_requirement_s / self._calibration.spread
        decision = exit_search(candidates, link, budget_s, ready=ready)
        if not decision.meets_requirement:
            budget_s = latency_requirement_s
            decision = exit_search(candidates, link, budget_s, ready=ready)
        return decision, best_range(candidates, link, budget_s, decision, ready=ready)

    def observe(self, upload_bps: float, weight: float) -> None:
        """Follow the link slowly: on a steady one most of what differs is noise."""
        rate = 0.3 * weight
        before_bps = self._meter.link.upload_bps
        if before_bps <= 0:
            self._meter.settle(upload_bps)
        elif upload_bps > 0:
            self._meter.settle(before_bps ** (1 - rate) * upload_bps**rate)

    state_changed = False  # a steady link has one


class MovingLink:
    """An optimizer on a forecast of the bandwidth (paper, Algorithm 3, and beyond)."""

    def __init__(
        self,
        calibration: Calibration,
        meter: LinkMeter,
        optimizer: Callable[[], Policy],
        forecast: Forecast,
    ) -> None:
        """Begin with the measured link.

        Args:
            calibration: what is chosen from.
            meter: follows the link.
            optimizer: makes the policy, anew for each request: it may depend on what the device takes now.
            forecast: follows the bandwidth.
        """
        self._calibration = calibration
        self._meter = meter
        self._optimizer = optimizer
        self.forecast = forecast
        self._previous: Decision | None = None
        forecast.update(meter.link.upload_bps)

    def decide(self, latency_requirement_s: float, ready: BoolArray | None) -> Decision:
        """What the optimizer says of the situation."""
        situation = Situation(
            link=self._meter.link,
            latency_requirement_s=latency_requirement_s,
            forecast=self.forecast,
            previous=self._previous,
            ready=ready,
            download_ratio=self._meter.download_ratio,
        )
        self._previous = self._optimizer().decide(self._calibration.candidates, situation)
        return self._previous

    def observe(self, upload_bps: float, weight: float) -> None:
        """Feed the forecast; the link is taken to be what was measured last."""
        self.forecast.update(upload_bps, weight)
        if weight >= _TRUSTED_WEIGHT:
            self._meter.settle(upload_bps)

    @property
    def state_changed(self) -> bool:
        """What the forecast says."""
        return self.forecast.changed
