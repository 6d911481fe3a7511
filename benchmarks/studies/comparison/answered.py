"""An answered request, as methods are compared by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from statistics import mean

from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.plan_costs import plan_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class Answered:
    """A request and its answer.

    Attributes:
        link: Its rate, or the name of the trace that it follows.
        method: Or the policy, where the link moves.
        plan: What answered: a local exit where the edge was late.
        began_s: When the request began, on the machine's monotonic clock.
    """

    link: str
    method: str
    wanted: Plan
    plan: Plan
    latency_s: float
    latency_requirement_s: float
    accuracy: float
    began_s: float = 0.0

    @classmethod
    def of(
        cls, reply: Reply, link: str, method: str, latency_requirement_s: float, costs: CostTable
    ) -> "Answered":
        """From what the device's program says, with the accuracy of the plan that answered."""
        return cls(
            link,
            method,
            reply.wanted,
            reply.plan,
            reply.latency_s,
            latency_requirement_s,
            plan_costs(costs, reply.plan).accuracy,
            reply.began_s,
        )

    @property
    def in_time(self) -> bool:
        """Whether the requirement was met."""
        return self.latency_s <= self.latency_requirement_s

    @property
    def accuracy_in_time(self) -> float:
        """The accuracy; a late answer counts nothing."""
        return self.accuracy if self.in_time else 0.0

    @property
    def throughput(self) -> float:
        """Answers a second at this latency."""
        return 1 / self.latency_s

    @property
    def reward(self) -> float:
        """The paper's: exp(accuracy) + throughput in time, else 0."""
        return exp(self.accuracy) + self.throughput if self.in_time else 0.0


def late_share(answers: Sequence[Answered]) -> float:
    """The share of late answers; a method without a plan is always late."""
    return 1 - mean(answer.in_time for answer in answers) if answers else 1.0


def mean_accuracy_in_time(answers: Sequence[Answered]) -> float:
    """Mean accuracy, where a late answer counts nothing."""
    return mean(answer.accuracy_in_time for answer in answers) if answers else 0.0
