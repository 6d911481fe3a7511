"""The methods that are compared: what each does on a given link under a given requirement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from edgent.planning.cost_table import BoolArray, CostTable
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import paper_search, paper_space
from edgent.planning.plan import Plan

OURS = "ours"
"""Plans by itself, in the device's own runtime, with a local exit standing by."""

Choose = Callable[[CostTable, Link, float], Plan | None]
"""The plan for a link and a requirement in seconds; None: the method finds none."""


@dataclass(frozen=True)
class Method:
    """A method that is told what the link is.

    Attributes:
        what: it does, in words.
        choose: its plan.
    """

    what: str
    choose: Choose


def edge_only(codec: str) -> Choose:
    """The whole deepest path on the edge."""

    def choose(candidates: CostTable, _link: Link, _requirement_s: float) -> Plan | None:
        exit_name = candidates.exits[-1]
        point = int(candidates.partition_point[candidates.exit_index == len(candidates.exits) - 1].max())
        return Plan(exit_name, point, codec)

    return choose


def device_only(candidates: CostTable, _link: Link, _requirement_s: float) -> Plan | None:
    """The whole deepest path on the device."""
    return Plan(candidates.exits[-1], 0)


def partition_only(candidates: CostTable, link: Link, _requirement_s: float) -> Plan | None:
    """The fastest partition point of the deepest exit, tensors as floats."""
    deepest = candidates.exit_index == len(candidates.exits) - 1
    return _fastest(candidates, link, deepest & paper_space(candidates))


def right_sizing_only(candidates: CostTable, link: Link, requirement_s: float) -> Plan | None:
    """The deepest exit that the device alone answers in time."""
    latency = candidates.latency_s(link)
    in_time = np.flatnonzero(~candidates.remote & (latency <= requirement_s))
    return candidates.plans[int(in_time[-1])] if in_time.size else None


def paper_edgent(candidates: CostTable, link: Link, requirement_s: float) -> Plan | None:
    """Algorithm 1 as printed; None is its NULL."""
    decision = paper_search(candidates, link, requirement_s)
    return decision.plan if decision else None


def _fastest(candidates: CostTable, link: Link, allowed: BoolArray) -> Plan:
    latency = np.where(allowed, candidates.latency_s(link), np.inf)
    return candidates.plans[int(latency.argmin())]


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
    "paper's Edgent": Method("Algorithm 1 as printed: floats, never edge-only", paper_edgent),
}
"""By name; `OURS` comes beside them."""
