"""Latency requirements that no plan can meet are refused before anything is planned, mapped or replayed."""

from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.situation import ready_latency_s
from edgent.units import milliseconds, milliseconds_at_least


def check_possible(
    costs: CostTable,
    latency_requirement_s: float,
    round_trip_s: float,
    allowed: BoolArray | None = None,
) -> None:
    """Whether some plan meets a requirement on some link.

    Args:
        costs: of the plans.
        latency_requirement_s: seconds from input to answer.
        round_trip_s: of the link, seconds.
        allowed: plans that may be chosen, shape (n_plans,), such as `paper_space`; None: all.

    Raises:
        PlanError: none does on any.
    """
    fastest = Link(round_trip_s, HIGHEST_BANDWIDTH_BPS, HIGHEST_BANDWIDTH_BPS)
    latency = ready_latency_s(costs, fastest, latency_requirement_s, allowed)
    k = int(latency.argmin())
    if latency_requirement_s < latency[k]:
        such = "" if allowed is None else "with this algorithm "
        raise PlanError(
            f"{such}no plan answers within {milliseconds(latency_requirement_s)} on any link: the fastest, "
            f"{costs.plans[k]}, takes {milliseconds_at_least(latency[k])}; ask for that or more"
        )
