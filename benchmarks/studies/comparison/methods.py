"""The methods that are compared: what each does on a given link under a given requirement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.testbed.plan_costs import latencies_s, layers_by_exit
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import paper_search, paper_space
from edgent.planning.plan import Plan

OURS = "ours"
"""Plans by itself, in the device's own runtime, with a local exit standing by."""
PAPER = "paper's Edgent"

Choose = Callable[[CostTable, Link, float], Plan | None]
"""The plan for a link and a requirement in seconds; None where the method has none."""


@dataclass(frozen=True)
class Method:
    """A method that is told what the link is."""

    what: str
    choose: Choose


def edge_only(codec: str) -> Choose:
    """The whole deepest path on the edge."""

    def choose(costs: CostTable, _link: Link, _requirement_s: float) -> Plan:
        deepest = costs.exits[-1]
        return Plan(deepest, layers_by_exit(costs)[deepest], codec)

    return choose


def device_only(costs: CostTable, _link: Link, _requirement_s: float) -> Plan:
    """The whole deepest path on the device."""
    return Plan(costs.exits[-1], 0)


def partition_only(costs: CostTable, link: Link, _requirement_s: float) -> Plan:
    """The fastest partition point of the deepest exit, tensors as floats."""
    latency_s = latencies_s(costs, link)
    in_space = zip(costs.plans, paper_space(costs), strict=True)
    return min(
        (plan for plan, allowed in in_space if allowed and plan.exit == costs.exits[-1]),
        key=latency_s.__getitem__,
    )


def right_sizing_only(costs: CostTable, link: Link, requirement_s: float) -> Plan | None:
    """The deepest exit that the device alone answers in time."""
    latency_s = latencies_s(costs, link)
    alone = [plan for plan in costs.plans if not plan.remote]
    in_time = [plan for plan in alone if latency_s[plan] <= requirement_s]
    return in_time[-1] if in_time else None


def paper_edgent(costs: CostTable, link: Link, requirement_s: float) -> Plan | None:
    """Algorithm 1 as printed; None is its NULL."""
    decision = paper_search(costs, link, requirement_s)
    return decision.plan if decision else None


METHODS: Mapping[str, Method] = {
    "device-only": Method("the deepest exit, all on the device", device_only),
    "edge-only float32": Method(
        "the deepest exit, all on the edge, input as the paper sends it", edge_only("float32")
    ),
    "edge-only raw": Method("the same, input as uint8 pixels", edge_only("raw")),
    "edge-only webp": Method("the same, input compressed without loss", edge_only("webp")),
    "edge-only jpeg": Method("the same, input compressed with loss", edge_only("jpeg")),
    "partition-only": Method("the deepest exit, cut at its best point, floats", partition_only),
    "right-sizing-only": Method("the deepest exit that the device answers in time", right_sizing_only),
    PAPER: Method("Algorithm 1 as printed: floats, never edge-only", paper_edgent),
}
"""By name; `OURS` comes beside them."""
