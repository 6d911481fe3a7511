"""The plan of the highest reward on a link that is taken as known."""

from dataclasses import dataclass

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.policies.policy import choose
from edgent.planning.reward import reward
from edgent.planning.situation import Situation


@dataclass(frozen=True)
class KnownLink:
    """Believes the situation's link.

    Given the link measured last, it is the policy ``last_value``; given the link that the next transfer will
    meet, it is the ``oracle`` that no other policy can beat on reward.

    Attributes:
        throughput_weight: of the reward.
    """

    throughput_weight: float = 1.0

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        latency = table.latency_s(situation.link)
        value = reward(latency, table.accuracy, situation.latency_requirement_s, self.throughput_weight)
        return choose(table, situation, value, "has the highest reward on this link", link=situation.link)
