"""The policy by which the devices of a pipeline decide."""

from dataclasses import dataclass

from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.objective import Objective
from edgent.planning.policies.policy import Policy
from edgent.planning.situation import Situation
from edgent.planning_inputs import chosen_policy


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
        StaleFileError: the policy or its forecast goes by the map, and that is missing, broken, or made for
            another network or other requirements.
    """
    spec = network.spec
    if spec.bandwidth.environment == "static":
        return SteadyLink(spec.plans_for)
    policy, _ = chosen_policy(network)
    return policy
