"""Which windows plans choose over the spec's range of links and requirements, most often first.

Heads among them get archives and workers of their own as far as there is room; a worker takes about 160 MB
and some seconds to start. The pipeline's archive loads all of them when it starts.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.planning.plan import Plan
from edgent.planning.reward import best_by_reward

_BANDWIDTHS, _REQUIREMENTS = 60, 30


@dataclass(frozen=True)
class ChosenWindow:
    """A window that plans choose.

    Attributes:
        ends: names of its first and its last tensor.
        head: name of the head that it is; None where it begins behind the input, or ends with a code.
        reason: why it is chosen, as a sentence for the user.
    """

    ends: tuple[str, str]
    head: str | None
    reason: str

    @classmethod
    def of(cls, network: Network, plan: Plan, reason: str) -> "ChosenWindow":
        """The window of a plan that asks the edge.

        Raises:
            PlanError: no such exit or partition point, or the plan is device-only.
        """
        up, down = network.ends(plan)
        head = network.head_of(plan) if network.has_head(plan) else None
        return cls((up.name, down.name), head, reason)


def chosen_windows(
    network: Network, costs: CostTable, configuration_map: ConfigurationMap | None = None
) -> list[ChosenWindow]:
    """The windows that are chosen over the spec's range of bandwidths and latency requirements.

    Plans are chosen as in a static environment and, where the spec says dynamic, also as by the reward; those
    of a configuration map count as much as all the others together. If every plan is device-only, the deepest
    exit's edge-only plan stands by, for a device that is busier than when it was profiled.

    Args:
        network: the declared network.
        costs: its plans, with times.
        configuration_map: its configuration map; None when it has none.
    """
    chosen = _chosen_over_range(network, costs)
    if configuration_map is not None:
        entries = [entry.plan for row in configuration_map.entries for entry in row]
        weight = max(1, sum(chosen.values()) // len(entries))
        for plan in entries:
            chosen[plan] += weight
    total = sum(chosen.values())
    counts: Counter[tuple[str, str]] = Counter()
    windows: dict[tuple[str, str], ChosenWindow] = {}
    plans: dict[tuple[str, str], Plan] = {}
    for plan, count in chosen.most_common():
        if plan.remote:
            window = ChosenWindow.of(network, plan, "")
            counts[window.ends] += count
            windows.setdefault(window.ends, window)
            plans.setdefault(window.ends, plan)
    if not counts:
        return edge_only_windows(network, "in reserve: the device alone is best over the whole range")[:1]
    return [
        ChosenWindow(
            ends,
            windows[ends].head,
            f"chosen in {count / total:.1%} of the range, most often as {plans[ends]}",
        )
        for ends, count in counts.most_common()
    ]


def edge_only_windows(network: Network, reason: str) -> list[ChosenWindow]:
    """The whole path of every exit, deep to shallow."""
    plans = [Plan(path.exit_name, len(path.layers)) for path in reversed(network.graph.paths)]
    return [ChosenWindow.of(network, plan, reason) for plan in plans]


def _chosen_over_range(network: Network, costs: CostTable) -> Counter[Plan]:
    """How often each plan is chosen on a grid of links and requirements."""
    bounds = network.spec.range
    low_ms, high_ms = min(bounds.latency_requirements_ms), max(bounds.latency_requirements_ms)
    requirements_s = np.geomspace(low_ms / 1e3, high_ms / 1e3, _REQUIREMENTS)
    dynamic = network.spec.bandwidth.environment == "dynamic"
    weight = 1.0 if network.spec.bandwidth.reward == "paper" else 0.0
    chosen: Counter[Plan] = Counter()
    for bandwidth_bps in 1e3 * np.geomspace(*bounds.bandwidth_kbps, _BANDWIDTHS):
        link = Link(bounds.round_trip_ms / 1e3, float(bandwidth_bps), float(bandwidth_bps))
        for requirement_s in map(float, requirements_s):
            chosen[network.spec.plans_for.search(costs, link, requirement_s).plan] += 1
            if dynamic:
                best = best_by_reward(costs, link, requirement_s, weight)
                chosen[costs.plans[best]] += 1
    return chosen
