"""The local exit that answers if the edge is late, and the moment at which it must start at the latest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgent.errors import PlanError
from edgent.planning.cost_table import ALL, Columns, CostTable
from edgent.planning.costs import FloatArray
from edgent.planning.stages import Step

DELIVERY_S = 2e-3
"""So long before the requirement the device gives the answer that it has; the edge's has to come before."""


@dataclass(frozen=True)
class LocalExit:
    """An exit run wholly on the device.

    Attributes:
        exit: its name.
        accuracy: 0 to 1.
        time_s: seconds that it takes with its spread: a high percentile of measured times, not the mean.
        reserve_s: how many of these only an exit that stands by is given: to wake up after the wait for the
            edge, and for what its runs did not show, as nothing answers after it.
    """

    exit: str
    accuracy: float
    time_s: float
    reserve_s: float = 0.0

    @property
    def at_once_s(self) -> float:
        """Seconds that nearly all its runs keep to where the device waits for nothing before it."""
        return self.time_s - self.reserve_s


@dataclass(frozen=True)
class Fallback:
    """An exit that can still answer in time.

    Attributes:
        exit: its name.
        accuracy: 0 to 1.
        latest_start_s: seconds after the input at which it must start at the latest.
    """

    exit: str
    accuracy: float
    latest_start_s: float


@dataclass(frozen=True)
class NoFallback:
    """Not even the quickest local exit answers in time.

    Attributes:
        quickest: that exit.
        late_by_s: how late its answer would be, started at once.
    """

    quickest: LocalExit
    late_by_s: float


def fallbacks(local_exits: Sequence[LocalExit], latency_requirement_s: float) -> list[Fallback]:
    """Every local exit that fits into the requirement, in the order given."""
    return [
        Fallback(local.exit, local.accuracy, latency_requirement_s - local.time_s)
        for local in local_exits
        if local.time_s <= latency_requirement_s
    ]


def latest_safe_start(
    local_exits: Sequence[LocalExit], latency_requirement_s: float, elapsed_s: float = 0.0
) -> Fallback | NoFallback:
    """The most accurate local exit that still fits; of equally accurate ones the quickest.

    Args:
        local_exits: one or more.
        latency_requirement_s: seconds from input to answer.
        elapsed_s: seconds since the input.

    Raises:
        PlanError: there are no local exits.
    """
    if not local_exits:
        raise PlanError("no local exits to fall back on: profile the device")
    fitting = [
        fallback
        for fallback in fallbacks(local_exits, latency_requirement_s)
        if fallback.latest_start_s >= elapsed_s
    ]
    if fitting:
        return max(fitting, key=lambda fallback: (fallback.accuracy, fallback.latest_start_s))
    quickest = min(local_exits, key=lambda local: local.time_s)
    return NoFallback(quickest, elapsed_s + quickest.time_s - latency_requirement_s)


def latest_starts_s(table: CostTable, standing_by: Sequence[Fallback], plans: Columns = ALL) -> FloatArray:
    """When each of some fallbacks must start at the latest beside a plan.

    What the plan has the device do before the edge is asked, the fallback need not do again: pixels are
    there, and so are the layers before the window where its path has them. But it starts only behind that.

    Args:
        table: all plans.
        standing_by: n exits of the table.
        plans: columns of the plans that are asked about.

    Returns:
        Seconds after the input, minus infinity where the device is not done by then. Shape (n, n_plans).
    """
    rows = [table.exits.index(fallback.exit) for fallback in standing_by]
    before_s = table.layers_share[plans] * table.seconds[Step.RUN_BEFORE, plans]
    layers_s = table.goes_on[rows][:, plans] * before_s
    starts_s = np.array([[fallback.latest_start_s] for fallback in standing_by]).reshape(-1, 1)
    starts_s = starts_s + table.prepare_s[plans] + layers_s
    return np.where(table.before_request_s[plans] <= starts_s, starts_s, -np.inf)


def who_stands_by(
    standing_by: Sequence[Fallback], latest_start_s: Sequence[float], wanted: str | None
) -> int | None:
    """Which fallback answers for a late edge: the wanted one if it can still start, else the most accurate.

    Args:
        standing_by: n exits.
        latest_start_s: of each beside the plan, as of `latest_starts_s`; shape (n,).
        wanted: the exit that the decision counts on; None: it has no wish.

    Returns:
        Its number; None where none can start.
    """
    free = [number for number, start_s in enumerate(latest_start_s) if math.isfinite(start_s)]
    named = [number for number in free if standing_by[number].exit == wanted]
    return max(named or free, key=lambda n: (standing_by[n].accuracy, latest_start_s[n]), default=None)


def hedged_budget_s(
    table: CostTable, latest_start_s: float | FloatArray, latency_requirement_s: float, plans: Columns = ALL
) -> FloatArray:
    """The latency within which a plan's answer still counts when a local exit stands by. Shape (n_plans,).

    An activation must be there before the fallback starts, for the device runs one thing at a time. The
    answer of a plan without a tail counts until the fallback's own is given.

    Args:
        table: all plans.
        latest_start_s: of a fallback beside each plan, as of `latest_starts_s`: shape (n_plans,), or
            (n, n_plans) for n fallbacks; or the same beside all.
        latency_requirement_s: seconds from input to answer.
        plans: columns of the plans that are asked about.

    Returns:
        Seconds from input to answer. Shape (n_plans,), or (n, n_plans) for n fallbacks.
    """
    budget_s = np.minimum(latest_start_s + table.after_arrival_s[plans], latency_requirement_s)
    given_s = np.clip(latest_start_s, latency_requirement_s - DELIVERY_S, latency_requirement_s)
    return np.where(table.edge_answers[plans], given_s, budget_s)
