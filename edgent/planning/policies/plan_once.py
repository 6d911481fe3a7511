"""The plan that was best at the start, whatever happens."""

from dataclasses import dataclass

from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.policies.policy import decision_at
from edgent.planning.situation import Situation


@dataclass(frozen=True)
class PlanOnce:
    """Algorithm 1 on the first link; its plan is kept for as long as its head is ready."""

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        previous = situation.previous
        if previous is not None and situation.is_ready(previous.index):
            return decision_at(table, situation, previous.index, "was planned at the start")
        return exit_search(
            table,
            situation.link,
            situation.latency_requirement_s,
            ready=situation.ready,
        )
