"""What a study asks of the cost table: one plan's accuracy, bytes and computing."""

from dataclasses import dataclass

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class PlanCosts:
    """What one plan costs on any link.

    Attributes:
        edge_s, device_s: Seconds of computing, codecs included.
    """

    accuracy: float
    sent_bytes: float
    received_bytes: float
    edge_s: float
    device_s: float


def plan_costs(costs: CostTable, plan: Plan) -> PlanCosts:
    """The row of a plan.

    Raises:
        PlanError: The network has no such plan.
    """
    k = costs.index_of(plan)
    return PlanCosts(
        float(costs.accuracy[k]),
        float(costs.upload_bytes[k]),
        float(costs.download_bytes[k]),
        float(costs.edge_compute_s[k]),
        float(costs.device_compute_s[k]),
    )


def edge_only_plans(costs: CostTable) -> list[Plan]:
    """Plans of every exit under every input codec that run on the edge alone."""
    layers = layers_by_exit(costs)
    return [plan for plan in costs.plans if plan.stop == layers[plan.exit]]


def layers_by_exit(costs: CostTable) -> dict[str, int]:
    """How many layers the path of each exit has, exits shallow to deep."""
    return {name: max(plan.stop for plan in costs.plans if plan.exit == name) for name in costs.exits}


def latencies_s(costs: CostTable, link: Link) -> dict[Plan, float]:
    """Predicted seconds of every plan on a link."""
    return dict(zip(costs.plans, costs.latency_s(link).tolist(), strict=True))
