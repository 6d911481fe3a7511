"""Latency requirements that no plan can meet are refused before anything is planned, mapped or replayed."""

from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.units import milliseconds, milliseconds_at_least


def check_possible(costs: CostTable, latency_requirement_s: float, round_trip_s: float) -> None:
    """Whether some plan meets a requirement on some link.

    Raises:
        PlanError: none does on any.
    """
    fastest = Link(round_trip_s, HIGHEST_BANDWIDTH_BPS, HIGHEST_BANDWIDTH_BPS)
    latency = costs.latency_s(fastest)
    k = int(latency.argmin())
    if latency_requirement_s < latency[k]:
        raise PlanError(
            f"no plan answers within {milliseconds(latency_requirement_s)} on any link: the fastest, "
            f"{costs.plans[k]}, takes {milliseconds_at_least(latency[k])}; ask for that or more"
        )
