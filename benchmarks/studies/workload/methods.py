"""What ours is compared with, as plans of the flowers' network: each a family of which the best one counts.

A method other than ours is told afterwards which of its plans was best on the link: no way of choosing them
could do better.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.studies.comparison.methods import paper_edgent
from benchmarks.testbed.plan_costs import latencies_s, layers_by_exit
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, RAW, Plan
from edgent.planning.plan_space import Candidate

OURS = "ours"
"""Plans by itself, in the device's own runtime."""
STOCK, SMALL = "stock TorchServe classifier", "small network on the device"
DEVICE_ONLY, LOCAL_EXIT, EDGE_ONLY = "device-only", "deepest local exit", "edge-only, best codec"
NEUROSURGEON = "Neurosurgeon"
AGAIN = "device-only again"
"""The same as device-only under another name: the control."""
PAPER = "paper's Edgent"

Choose = Callable[[CostTable, Link, float], Sequence[Plan]]
"""The plans of a method for a link and a requirement in seconds."""


@dataclass(frozen=True)
class Method:
    """A method whose plans are chosen from a table of costs."""

    what: str
    choose: Choose


def device_only(costs: CostTable, _link: Link, _requirement_s: float) -> Sequence[Plan]:
    """The deepest exit, all on the device."""
    return (Plan.device_only(costs.exits[-1]),)


def with_exit_rule(costs: CostTable, _link: Link, _requirement_s: float) -> Sequence[Plan]:
    """The same, where sure inputs leave early."""
    early = Plan(costs.exits[-1], 0, leaves_early=True)
    return (early,) if early in costs else ()


def local_exits(costs: CostTable, _link: Link, _requirement_s: float) -> Sequence[Plan]:
    """Every exit, all on the device."""
    return [Plan.device_only(name) for name in costs.exits]


def edge_only(costs: CostTable, _link: Link, _requirement_s: float) -> Sequence[Plan]:
    """The deepest exit, all on the edge, behind every image codec."""
    deepest = costs.exits[-1]
    layers = layers_by_exit(costs)[deepest]
    return [
        plan
        for plan in costs.plans
        if (plan.exit, plan.start, plan.stop) == (deepest, 0, layers) and not plan.leaves_early
    ]


def neurosurgeon(costs: CostTable, link: Link, _requirement_s: float) -> Sequence[Plan]:
    """The quickest cut of the deepest exit: the device first, then the edge, floats between them."""
    latency_s = latencies_s(costs, link)
    cuts = [plan for plan in costs.plans if plan.exit == costs.exits[-1] and _is_float_cut(plan)]
    return (min(cuts, key=latency_s.__getitem__),)


def paper(costs: CostTable, link: Link, requirement_s: float) -> Sequence[Plan]:
    """Algorithm 1 as printed: floats, never edge-only."""
    plan = paper_edgent(costs, link, requirement_s)
    return (plan,) if plan else ()


METHODS: Mapping[str, Method] = {
    DEVICE_ONLY: Method("the deepest exit, all on the device", device_only),
    "device-only, exit rule": Method("the same, where sure inputs leave early", with_exit_rule),
    LOCAL_EXIT: Method("of all exits on the device the best in time", local_exits),
    EDGE_ONLY: Method("the deepest exit on the edge, the best image codec", edge_only),
    NEUROSURGEON: Method("the deepest exit, device first, cut where it is quickest, floats", neurosurgeon),
    PAPER: Method("Algorithm 1 as printed: floats, never edge-only", paper),
}
"""By name. `STOCK`, `SMALL` and `OURS` come beside them."""


def counts(candidate: Candidate, layers: Mapping[str, int]) -> bool:
    """Whether a plan may be one of a method's; windows that nobody here can choose are not looked at."""
    plan = candidate.plan
    if plan.leaves_early:
        return not plan.remote
    is_edge_first = plan.start == 0
    return is_edge_first or (_is_float_cut(plan) and plan.stop == layers[plan.exit])


def _is_float_cut(plan: Plan) -> bool:
    """Whether the device runs the first layers, or all, and what crosses is floats."""
    if not plan.remote:
        return not plan.leaves_early
    floats = (FLOAT32 if plan.start else RAW, FLOAT32)  # raw pixels stand for the input's floats: fewer bytes
    return (plan.codec_up, plan.codec_down) == floats and not plan.leaves_early
