"""What a spec's placement ruled out, in sentences."""

from edgent.latency.loading import load_cost_table, load_costs
from edgent.network import Network
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.placement import ANYWHERE
from edgent.planning.ruled_out import ruled_out
from edgent.units import milliseconds


def placement_lines(
    network: Network, link: Link, latency_requirement_s: float, decision: Decision, slowdown: float = 1.0
) -> list[str]:
    """How many plans each rule leaves out, and what would be chosen without rules; nothing without rules.

    Args:
        network: its spec has the rules.
        link: that the plan was chosen on.
        latency_requirement_s: that it was chosen for.
        decision: what was chosen.
        slowdown: how many times slower the device is than the one that was profiled.
    """
    spec = network.spec
    if spec.placement.rules.is_free:
        return []
    table = load_cost_table(network, slowdown, rules=ANYWHERE)
    free = spec.plans_for.search(table, link, latency_requirement_s)
    if free.plan == decision.plan:
        otherwise = "Without rules the plan would be the same."
    else:
        otherwise = f"Without rules it would be {free.plan}, in {milliseconds(free.latency_s)}."
    return [f"{ruled_out(load_costs(network), spec.placement.rules)}. {otherwise}"]
