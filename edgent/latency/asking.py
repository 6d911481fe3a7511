"""Which exits plans ask: those with which the device alone takes the least in the mean, by its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.planning.asked_exits import AskingCosts, worth_asking
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from edgent.accuracy.exit_rule_file import CalibratedRule
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.planning.checked_exit import CheckedExit
    from edgent.planning.costs import NetworkCosts


def exits_to_ask(costs: NetworkCosts, graph: BranchyGraph, rule: CalibratedRule) -> tuple[str, ...]:
    """The exits that are asked on the way, shallow to deep.

    Where none pays on the device alone, all are: on a link, or on the edge, they may.

    Args:
        costs: with every exit asked that has a threshold.
        graph: the network.
        rule: says what leaves where.
    """

    def leaving(asked: tuple[str, ...]) -> list[float]:
        return [checked.share for checked in rule.checked_exits(graph.paths, asked)]

    checked = costs.asked_before(graph.exit_names[-1], RAW)
    inner = costs.exits[-1].inner
    if not checked or inner is None:
        return ()
    on_the_way = [_asking_costs(costs, one) for one in checked]
    whole_s = float(inner.device_s[0, -1])
    return worth_asking(on_the_way, whole_s, leaving) or tuple(one.exit for one in checked)


def _asking_costs(costs: NetworkCosts, checked: CheckedExit) -> AskingCosts:
    """Of one exit on the device's way to the deepest."""
    own = next(exit_.inner for exit_ in costs.exits if exit_.exit == checked.exit)
    whole = costs.exits[-1].inner
    assert own is not None, "costs were checked to have pieces where exits are asked"
    assert whole is not None, "costs were checked to have pieces where exits are asked"
    until_s = float(whole.device_s[0, checked.point])
    cut_s = until_s + float(whole.device_s[checked.point, -1] - whole.device_s[0, -1])
    return AskingCosts(checked.exit, until_s, float(own.device_s[checked.point, -1]) + max(cut_s, 0.0))
