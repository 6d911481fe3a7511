"""Algorithm 3 (paper, section IV-C): hold the bandwidth state until it changes, and look the plan up."""

from dataclasses import dataclass, replace

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.planning.policies.policy import decision_at
from edgent.planning.reward import best_by_reward, reward_worth
from edgent.planning.situation import Situation, check_ready


@dataclass(frozen=True)
class StateLookup:
    """The paper's runtime optimizer, as a policy.

    Attributes:
        configuration_map: what Algorithm 2 found.
        throughput_weight: of the reward that it was found for.
    """

    configuration_map: ConfigurationMap
    throughput_weight: float = 0.0

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`.

        Where the map's plan has no head ready (the paper's always are), the ready plan of the highest reward
        at the state's mean stands in.
        """
        previous, forecast = situation.previous, situation.forecast
        needed_s, link = situation.latency_requirement_s, situation.mean_link
        if previous is None or previous.held_bps is None or forecast.changed:
            held_bps, reason = forecast.mean_bps, "is the map's plan for a new bandwidth state"
        else:
            held_bps, reason = previous.held_bps, "is the map's plan; the bandwidth state has not changed"
        plan = self.configuration_map.lookup(held_bps, situation.latency_requirement_s).plan
        k = table.index_of(plan)
        if situation.is_ready(k):
            decision = decision_at(table, situation, k, reason)
        else:
            if situation.ready is not None:
                check_ready(table, situation.ready)
            k = best_by_reward(table, link, needed_s, self.throughput_weight, situation.ready)
            decision = decision_at(table, situation, k, f"stands in for {plan}, which is not ready")
        worth = reward_worth(table, link, k, needed_s, self.throughput_weight)
        return replace(decision, held_bps=held_bps, worth=worth)
