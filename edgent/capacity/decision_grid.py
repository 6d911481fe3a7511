"""The planner's decisions by what a device knows: its link, and the time that requests wait on the edge.

A decision takes a tenth of a millisecond, a simulated request some microseconds. So a decision is made once
for each cell of the link's grid and each step of the waiting time, and then looked up.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from edgent.capacity.link_cells import LinkCells
from edgent.planning.decision import Decision
from edgent.planning.fallback import (
    DELIVERY_S,
    Fallback,
    fallbacks,
    hedged_budget_s,
    latest_starts_s,
    who_stands_by,
)
from edgent.planning.link import Link
from edgent.planning.policies.decided import decided
from edgent.planning.policies.policy import Policy
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions

QUEUE_STEPS = 100
"""The waiting time is known in hundredths of the latency requirement; what waits longer counts as that."""


class Choice(NamedTuple):
    """A plan as plain numbers.

    Attributes:
        plan: its column in the cost table.
        is_remote: whether it needs the edge; if not, only its seconds and accuracy are of interest.
        seconds: of the device, all in all.
        before_s: of the device before the edge is asked.
        upload_bits: on the link.
        compute_s: of the edge.
        download_bits: on the link.
        back_s: what the answer's way back is expected to take; the edge has to be done that much sooner.
        budget_s: from input to answer, within which the edge's answer is taken.
        accuracy: of its answer.
        otherwise: accuracy of the local exit that stands by; None: none does.
    """

    plan: int
    is_remote: bool
    seconds: float
    before_s: float = 0.0
    upload_bits: float = 0.0
    compute_s: float = 0.0
    download_bits: float = 0.0
    back_s: float = 0.0
    budget_s: float = 0.0
    accuracy: float = 0.0
    otherwise: float | None = None


@dataclass(frozen=True, eq=False)
class DecisionGrid:
    """Decides once, and remembers.

    Attributes:
        conditions: what is planned with.
        policy: decides.
        links: what may be known of links.
        is_eager: whether local exits run while the edge is awaited.
        queue_steps: into which the latency requirement is divided.
    """

    conditions: Conditions
    policy: Policy
    links: LinkCells
    is_eager: bool = False
    queue_steps: int = QUEUE_STEPS
    _made: dict[tuple[int, int | None], Choice] = field(default_factory=dict)

    @property
    def queue_step_s(self) -> float:
        """Seconds between waiting times of the grid."""
        return self.conditions.latency_requirement_s / self.queue_steps

    def choice(self, cell: int, queue: int | None) -> Choice:
        """The choice of a device.

        Args:
            cell: of what it knows of its link.
            queue: steps of the time that it expects requests to wait; None: there is no edge.
        """
        key = (cell, queue)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.chosen(cell, self.decide(cell, queue))
        return made

    def decide(self, cell: int, queue: int | None) -> Decision:
        """The policy's decision in a cell; requests that wait make the round trip longer."""
        forecast, download_forecast = self.links.forecasts(cell)
        link = Link(
            self.conditions.round_trip_s + (queue or 0) * self.queue_step_s,
            forecast.mean_bps,
            (download_forecast or forecast).mean_bps,
        )
        table = self.conditions.table
        usual = ~table.leaves_early
        situation = Situation(
            link=link,
            latency_requirement_s=self.conditions.latency_requirement_s,
            forecast=forecast,
            ready=usual if queue is not None else usual & ~table.remote,
            local_exits=self.conditions.local_exits,
            is_eager=self.is_eager,
            download_forecast=download_forecast,
        )
        return decided(self.policy, table, situation)

    def chosen(self, cell: int, decision: Decision) -> Choice:
        """A decision as plain numbers."""
        table, k = self.conditions.table, decision.index
        seconds, accuracy = float(table.device_compute_s[k]), float(table.accuracy[k])
        if not table.remote[k]:
            return Choice(k, False, seconds, accuracy=accuracy)
        requirement_s = self.conditions.latency_requirement_s
        stands_by, latest_start_s = self._standing_by(decision)
        budget_s = requirement_s
        if stands_by is not None and self.is_eager:
            budget_s = requirement_s - DELIVERY_S
        elif stands_by is not None:
            (budget_s,) = hedged_budget_s(table, latest_start_s, requirement_s, np.array([k])).tolist()
        forecast, download_forecast = self.links.forecasts(cell)
        download_bits = 8.0 * float(table.download_bytes[k])
        return Choice(
            k,
            True,
            seconds,
            float(table.before_request_s[k]),
            8.0 * float(table.upload_bytes[k]),
            float(table.edge_compute_s[k]),
            download_bits,
            self.conditions.round_trip_s / 2 + download_bits / (download_forecast or forecast).mean_bps,
            budget_s,
            accuracy,
            None if stands_by is None else stands_by.accuracy,
        )

    def _standing_by(self, decision: Decision) -> tuple[Fallback | None, float]:
        """The local exit that answers for a late edge, and when it must start at the latest.

        It is the decision's, else the most accurate that can stand by.
        """
        conditions = self.conditions
        fitting = fallbacks(conditions.local_exits, conditions.latency_requirement_s)
        starts_s = latest_starts_s(conditions.table, fitting, np.array([decision.index]))[:, 0].tolist()
        number = who_stands_by(fitting, starts_s, decision.fallback_exit) if conditions.hedged else None
        return (None, math.inf) if number is None else (fitting[number], starts_s[number])
