"""A policy is asked, and its decision is looked at before it is used: other packages have policies, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.registry import added_by
from edgent.errors import PluginError
from edgent.planning.decision import Decision

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable
    from edgent.planning.policies.policy import Policy
    from edgent.planning.situation import Situation


def decided(policy: Policy, table: CostTable, situation: Situation) -> Decision:
    """What a policy decides.

    Raises:
        PluginError: it returns no decision, or one whose index and plan are not a column of the cost table.
    """
    decision = policy.decide(table, situation)
    problem = _problem(decision, table)
    if problem is None:
        return decision
    kind = type(policy)
    package = added_by(kind.__module__)
    of_package = "" if package is None else f" of {package}"
    raise PluginError(f"policy {kind.__module__}.{kind.__qualname__}{of_package} returns {problem}")


def _problem(decision: object, table: CostTable) -> str | None:
    """What is wrong with a decision; None where nothing is."""
    if not isinstance(decision, Decision):
        return f"{decision!r}; `decide` has to return a Decision, such as `choose` makes"
    last = len(table.plans) - 1
    if not 0 <= decision.index <= last:
        return f"a Decision of index {decision.index}; the cost table has plans 0 to {last}"
    if table.plans[decision.index] != decision.plan:
        return (
            f"a Decision for {decision.plan} of index {decision.index}, which in the cost table is "
            f"{table.plans[decision.index]}; take both from one column"
        )
    return None
