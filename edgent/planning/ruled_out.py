"""What a placement leaves out of the plan space, counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from edgent.planning.costs import NetworkCosts
from edgent.planning.placement import Placement
from edgent.planning.plan_space import remote_plans


@dataclass(frozen=True)
class RuledOut:
    """How many plans each rule leaves out.

    Attributes:
        plans: how many there would be without rules, those on the device alone among them.
        by_rule: of these, how many break a rule, by its name.
    """

    plans: int = 0
    by_rule: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return "; ".join(
            f"placement.{rule} rules out {count} of {self.plans} plans"
            for rule, count in self.by_rule.items()
        )


def ruled_out(costs: NetworkCosts, placement: Placement) -> RuledOut:
    """Count what each rule of a placement leaves out."""
    plans, by_rule = len(costs.exits), dict[str, int]()
    for remote in remote_plans(costs):
        start = np.array([up.point for up in remote.ups], dtype=np.int64)[remote.up]
        stop = np.array([down.point for down in remote.downs], dtype=np.int64)[remote.down]
        plans += len(remote.up)
        for rule, broken in placement.broken(start, stop, remote.costs.layers):
            by_rule[rule] = by_rule.get(rule, 0) + int(broken.sum())
    return RuledOut(plans, by_rule)
