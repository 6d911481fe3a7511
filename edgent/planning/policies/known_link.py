"""The plan of the highest reward on a link that is taken as known."""

from dataclasses import dataclass

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.policies.policy import NOTHING_IN_TIME
from edgent.planning.reward import best_by_reward
from edgent.planning.situation import Situation, ready_latency_s


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
        latency = ready_latency_s(table, situation.link, requirement_s, situation.ready)
        k = best_by_reward(latency, table.accuracy, requirement_s, self.throughput_weight)
        in_time = bool(latency[k] <= requirement_s)
        reason = "has the highest reward on this link" if in_time else NOTHING_IN_TIME
        return Decision(table.plans[k], float(latency[k]), in_time, k, reason)
