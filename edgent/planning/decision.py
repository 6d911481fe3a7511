"""What a planner answers: a plan, what it will take, and why."""

from dataclasses import dataclass, field

from edgent.planning.plan import Plan
from edgent.planning.worth import Worth


@dataclass(frozen=True)
class Decision:
    """A chosen plan.

    Attributes:
        plan: the plan.
        latency_s: its predicted seconds from input to answer.
        meets_requirement: whether that is within the latency requirement.
        index: its column in the cost table.
        reason: why, in one clause, for people.
        fallback_exit: the local exit that the decision counts on if the edge is late; None: it has no wish.
        held_bps: bandwidth of the state that the decision was made in, for policies that hold it.
        worth: to compare it with decisions for other edges; None: by its accuracy, if in time.
    """

    plan: Plan
    latency_s: float
    meets_requirement: bool
    index: int
    reason: str
    fallback_exit: str | None = None
    held_bps: float | None = None
    worth: Worth | None = field(default=None, compare=False)
