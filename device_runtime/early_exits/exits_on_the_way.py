"""The exits that an input passes on its way to another one, and may leave at by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.exit_rules.rule import NEVER

if TYPE_CHECKING:
    from edgent.core.exit_rules.rule import ExitRule
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath


def exits_on_the_way(graph: BranchyGraph, rule: ExitRule, exit_name: str, points: range) -> list[ExitPath]:
    """Exits shallower than one, with layers of their own, in the order in which they are passed.

    Args:
        graph: where the exits leave the trunk.
        rule: gives some of them a threshold.
        exit_name: the exit that is gone to; what leaves the trunk behind it is not on the way.
        points: partition points at which an exit may leave the trunk.

    Raises:
        PlanError: no such exit.
    """
    path = graph.path_of(exit_name)
    passed = [
        other
        for other in graph.paths[: path.index]
        if rule.thresholds.get(other.exit_name, NEVER) < NEVER
        and other.leaves_after in points
        and other.leaves_after <= path.leaves_after
        and other.leaves_after < len(other.layers)
    ]
    return sorted(passed, key=lambda other: other.leaves_after)
