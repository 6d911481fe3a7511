"""The plan of the highest reward on a link that is taken as known."""

from dataclasses import dataclass

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.policies.policy import NOTHING_IN_TIME
from edgent.planning.reward import best_by_reward, reward_worth
from edgent.planning.situation import Situation, check_ready


@dataclass(frozen=True)
class KnownLink:
    """Believes the situation's link.

    Given the link measured last, it is the policy ``last_value``; given the link that the next transfer will
    meet, it is the ``oracle`` that no other policy can beat on reward by more than it is indifferent to.

    Attributes:
        throughput_weight: of the reward.
    """

    throughput_weight: float = 0.0

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        requirement_s = situation.latency_requirement_s
        if situation.ready is not None:
            check_ready(table, situation.ready)
        k = best_by_reward(table, situation.link, requirement_s, self.throughput_weight, situation.ready)
        latency_s = float(table.latency_s(situation.link)[k])
        in_time = latency_s <= requirement_s
        reason = "has the highest reward on this link" if in_time else NOTHING_IN_TIME
        worth = reward_worth(table, situation.link, k, requirement_s, self.throughput_weight)
        return Decision(table.plans[k], latency_s, in_time, k, reason, worth=worth)
