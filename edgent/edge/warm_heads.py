"""Which heads get a worker from the start: those that plans choose over the spec's range of links.

A worker takes about 160 MB and some seconds to start, so the heads that plans choose most often come first.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.plan import Plan
from edgent.planning.reward import reward

DEFAULT_WORKERS = 4
"""Of each pipeline, at most."""
_BANDWIDTHS, _REQUIREMENTS = 60, 30


@dataclass(frozen=True)
class WarmHead:
    """A head with a worker from the start.

    Attributes:
        name: the head's.
        reason: why it has a worker, as a sentence for the user.
    """

    name: str
    reason: str


def warm_heads(
    network: Network,
    costs: CostTable,
    configuration_map: ConfigurationMap | None = None,
    workers: int = DEFAULT_WORKERS,
) -> list[WarmHead]:
    """The heads that are chosen most often over the spec's range of bandwidths and latency requirements.

    Plans are chosen as in a static environment and, where the spec says dynamic, also as by the reward; those
    of a configuration map count as much as all the others together. If every plan is device-only, the head
    of the deepest exit's edge-only plan stands by, for a device that is busier than when it was profiled.

    Args:
        network: the declared network.
        costs: its plans, with times.
        configuration_map: its configuration map; None when it has none.
        workers: how many heads at most.
    """
    chosen = _chosen_over_range(network, costs)
    if configuration_map is not None:
        entries = [entry.plan for row in configuration_map.entries for entry in row]
        weight = max(1, sum(chosen.values()) // len(entries))
        for plan in entries:
            chosen[plan] += weight
    heads: Counter[str] = Counter()
    plans: dict[str, Plan] = {}
    for plan, count in chosen.most_common():
        name = network.head_of(plan)
        if name is not None:
            heads[name] += count
            plans.setdefault(name, plan)
    total = sum(chosen.values())
    if not heads:
        return edge_only_heads(network, "in reserve: the device alone is best over the whole range")[-1:]
    return [
        WarmHead(name, f"chosen in {count / total:.1%} of the range, most often as {plans[name]}")
        for name, count in heads.most_common(workers)
    ]


def edge_only_heads(network: Network, reason: str) -> list[WarmHead]:
    """The heads of all edge-only plans, shallow to deep."""
    plans = [Plan(path.exit_name, len(path.layers)) for path in network.graph.paths]
    return [WarmHead(name, reason) for plan in plans if (name := network.head_of(plan)) is not None]


def _chosen_over_range(network: Network, costs: CostTable) -> Counter[Plan]:
    """How often each plan is chosen on a grid of links and requirements."""
    bounds = network.spec.range
    low_ms, high_ms = min(bounds.latency_requirements_ms), max(bounds.latency_requirements_ms)
    requirements_s = np.geomspace(low_ms / 1e3, high_ms / 1e3, _REQUIREMENTS)
    dynamic = network.spec.bandwidth.environment == "dynamic"
    chosen: Counter[Plan] = Counter()
    for bandwidth_bps in 1e3 * np.geomspace(*bounds.bandwidth_kbps, _BANDWIDTHS):
        link = Link(bounds.round_trip_ms / 1e3, float(bandwidth_bps), float(bandwidth_bps))
        latency = costs.latency_s(link)
        for requirement_s in map(float, requirements_s):
            chosen[exit_search(costs, link, requirement_s).plan] += 1
            if dynamic:
                rewards = reward(latency, costs.accuracy, requirement_s)
                best = rewards.argmax() if rewards.any() else latency.argmin()
                chosen[costs.plans[int(best)]] += 1
    return chosen
