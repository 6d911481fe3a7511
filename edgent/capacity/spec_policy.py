"""The policy by which the devices of a pipeline decide."""

from dataclasses import dataclass

from edgent.latency.loading import load_map
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.objective import Objective
from edgent.planning.policies.least_cost import LeastCost
from edgent.planning.policies.policy import Policy
from edgent.planning.policies.registry import POLICIES, Setting
from edgent.planning.situation import Situation


@dataclass(frozen=True)
class SteadyLink:
    """What a device does in a static environment: the best plan on the link that it measures.

    Attributes:
        objective: what plans in time are chosen for.
    """

    objective: Objective

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        link, requirement_s = situation.mean_link, situation.latency_requirement_s
        return self.objective.search(table, link, requirement_s, ready=situation.ready)


def spec_policy(network: Network) -> Policy:
    """What a device makes of the spec's environment, policy and objective, as `DeviceRuntime.open` does.

    Raises:
        PlanError: the policy needs a configuration map, and the spec names none.
        StaleFileError: the map is missing, broken, or made for another network or other requirements.
    """
    spec = network.spec
    if spec.bandwidth.environment == "static":
        return SteadyLink(spec.plans_for)
    if not spec.plans_for.is_usual:
        return LeastCost(spec.plans_for)
    name = spec.bandwidth.policy or ("hedged" if spec.device.hedge else "expected")
    entry = POLICIES[name]
    followed = load_map(network, name) if entry.needs_map else None
    return entry.policy(Setting(1.0 if spec.bandwidth.reward == "paper" else 0.0, followed))
