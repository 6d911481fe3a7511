"""The plans that a decision looks at closely: those that may be better, or quicker, than the device alone.

What the device takes alone depends on no link, so its best plan is the measure of the others. Of two plans
`quick_among_equals` never takes the one that is worth no more and is slower, nor one that is worth less than
the best by more than counts as about as good. So a plan that is worth no more than the device's best,
whatever the link, and is expected later, can be left out before it is asked how likely it is in time, which
is what takes a decision its time. No decision differs for that.
"""

from dataclasses import dataclass

import numpy as np

from edgent.planning.bandwidth_distribution import FURTHEST
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray, IntArray
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.situation import Situation, ready_plans

_ROUNDING = 1e-9
"""Share by which sums that are equal on paper may differ."""


@dataclass(frozen=True, eq=False)
class AtBest:
    """What plans come to on the quickest link that a forecast is asked about. Arrays of shape (n_plans,).

    Attributes:
        in_time: whether a plan is in time there. One that is not is late on every link.
        latency_s: no plan is expected to take less; one that is late counts as one at the requirement. Where
            nothing crosses the link it takes exactly this.
    """

    in_time: BoolArray
    latency_s: FloatArray

    @classmethod
    def of(cls, table: CostTable, situation: Situation) -> "AtBest":
        """What a situation's forecasts leave possible."""
        requirement_s = situation.latency_requirement_s
        worst_s = _quickest_s(table, situation)
        in_time = worst_s <= requirement_s
        mean_s = worst_s if table.mean is None else _quickest_s(table.mean, situation)
        return cls(in_time, np.where(in_time, mean_s, requirement_s))


def _quickest_s(table: CostTable, situation: Situation) -> FloatArray:
    """Seconds of every plan at the highest bandwidths that a forecast is asked about. Shape (n_plans,)."""
    mean_bps, ratio = situation.forecast.mean_bps, situation.download_ratio
    if situation.download_forecast is not None:
        ratio = situation.download_forecast.mean_bps / mean_bps
    highest_bps = FURTHEST * (1.0 + _ROUNDING) * mean_bps
    return table.fixed_s(situation.link.round_trip_s) + table.bits(ratio) / highest_bps


def shortlist(
    table: CostTable, distribution: LinkDistribution, most: FloatArray, at_best: AtBest, indifference: float
) -> tuple[IntArray, FloatArray]:
    """The ready plans that may be chosen: looked at on the quickest link first, and then on all.

    Args:
        table: all plans.
        distribution: of the next bandwidths.
        most: the most that each plan can be worth; of a device-only plan, what it is worth. Shape (n_plans,).
        at_best: what they come to at best.
        indifference: how much less than the best a plan may be worth that is about as good.

    Returns:
        Their columns, rising, and the seconds that each is expected to take (`expected_latency_s`). Shapes
        (n,). The previous plan is among them, so that it may stay.

    Raises:
        PlanError: no plan is ready.
    """
    situation = distribution.situation
    plans = ready_plans(table, situation)
    own = plans[~table.remote[plans]]
    worth, quick_s = most[own].max(initial=0.0), 0.0
    if worth > 0:  # what is worth nothing is not taken for being quick
        quick_s = at_best.latency_s[own][most[own] == worth].min() * (1.0 + _ROUNDING)
    stays = (most > worth) | ~table.remote
    if situation.previous is not None:
        stays[situation.previous.index] = True
    may_be_equal = most >= worth - indifference

    expected_s = at_best.latency_s
    plans = plans[(stays | (may_be_equal & (expected_s <= quick_s)))[plans]]
    expected_s, remote = expected_s[plans], table.remote[plans]
    if remote.any():
        expected_s[remote] = expected_latency_s(table, distribution, plans[remote])
        contends = stays[plans] | (expected_s <= quick_s)
        plans, expected_s = plans[contends], expected_s[contends]
    return plans, expected_s


def expected_latency_s(
    table: CostTable, distribution: LinkDistribution, plans: IntArray, budget_s: FloatArray | None = None
) -> FloatArray:
    """Mean latency under the forecast, where an answer that is late comes when the requirement ends.

    Where plans leave early, whether they are late is told by the worst case, and what they take by the mean.

    Args:
        table: all plans.
        distribution: of the next bandwidths.
        plans: columns of the plans that are asked about. Shape (n,).
        budget_s: what each of these may take and not be late; the requirement unless given. Shape (n,).

    Returns:
        Seconds. Shape (n,).
    """
    requirement_s = distribution.situation.latency_requirement_s
    latency_s = distribution.latency_s(table, plans)
    late = latency_s > (requirement_s if budget_s is None else budget_s)
    if table.mean is not None:
        latency_s = distribution.latency_s(table.mean, plans)
    latency_s[late] = requirement_s
    mean_s: FloatArray = latency_s.sum(axis=0) / len(latency_s)
    return mean_s
