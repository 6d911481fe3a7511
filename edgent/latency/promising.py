"""Which segments plans can choose that a profile has no time of: these are worth measuring as they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from edgent.latency.costs import network_costs
from edgent.latency.loading import known_accuracies, spec_space, usual_overhead_bytes
from edgent.latency.places import Place
from edgent.latency.prediction import with_predicted_segments
from edgent.latency.profile import task_of, with_timings
from edgent.latency.timing import LEAST_RUNS, Timing
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, RAW
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    from edgent.latency.costs import Accuracies
    from edgent.latency.places import Node
    from edgent.latency.profile import NodeProfile
    from edgent.network import Network
    from edgent.planning.cost_table import CostTable
    from edgent.planning.plan import Plan

USUAL_RATIO = 4.0
"""How many times as fast as the device the edge is taken to be where only one of both was profiled."""
_BANDWIDTHS, _REQUIREMENTS = 20, 10


def promising_segments(
    network: Network, profile: NodeProfile, other: NodeProfile | None
) -> dict[Place, float]:
    """Segments that plans can choose and that a profile lacks, the most promising first.

    Those come first that are chosen over the spec's range of links and latency requirements, by how often;
    then all that pruning leaves, because they are the best with another load or another ratio of the nodes.

    Args:
        network: its spec says which plans there are, and what they are chosen for.
        profile: of the node that is being profiled.
        other: of the other node. None: guessed from this one, whose regressors have to be fitted.

    Returns:
        Seconds that each is predicted to take.

    Raises:
        PlanError: the other node's times cannot be guessed.
    """
    other = _guessed(profile, network) if other is None else other
    device, edge = (profile, other) if profile.node == "device" else (other, profile)
    lost = known_accuracies(network).lost
    costs = network_costs(network, device, edge, _accuracies(network), windows=True, lost=lost)
    space = list(spec_space(network.spec, costs))
    table = build_cost_table(costs, *usual_overhead_bytes(network.spec), space)
    chosen = _chosen(network, table)
    step = Step.RUN_BEFORE if profile.node == "device" else Step.RUN_EDGE
    promising: dict[Place, float] = {}
    for k in sorted(range(len(table)), key=lambda k: -chosen[table.plans[k]]):
        for stage in table.stages[k]:
            if table.start[k] and stage.step is step and stage.start < stage.stop:
                index = network.graph.exit_names.index(stage.exit)
                place = Place.of(network.graph, index, stage.start, stage.stop)
                if place not in profile.timing_by_place:
                    promising.setdefault(place, costs.seconds(stage))
    return promising


def affordable(promising: dict[Place, float], budget_s: float, pause_s: float) -> list[Place]:
    """As many of the first as can be measured in so many seconds, with a pause before each run."""
    spent_s = np.cumsum([LEAST_RUNS * (pause_s + time_s) for time_s in promising.values()])
    return list(promising)[: int(np.searchsorted(spent_s, budget_s, side="right"))]


def _chosen(network: Network, table: CostTable) -> Counter[Plan]:
    """How often each plan is chosen over the spec's range."""
    bounds, search = network.spec.range, network.spec.plans_for.search
    low_ms, high_ms = min(bounds.latency_requirements_ms), max(bounds.latency_requirements_ms)
    return Counter(
        search(table, Link(bounds.round_trip_ms / 1e3, bps, bps), requirement_s).plan
        for bps, requirement_s in product(
            (1e3 * np.geomspace(*bounds.bandwidth_kbps, _BANDWIDTHS)).tolist(),
            np.geomspace(low_ms / 1e3, high_ms / 1e3, _REQUIREMENTS).tolist(),
        )
    )


def _accuracies(network: Network) -> Accuracies:
    """As far as they are known; a deeper exit is taken to be the more accurate one where they are not."""
    known, names = known_accuracies(network).by_exit, network.graph.exit_names
    return {
        name: known.get(name) or {(RAW, FLOAT32): (number + 1) / len(names)}
        for number, name in enumerate(names)
    }


def _guessed(profile: NodeProfile, network: Network) -> NodeProfile:
    """The other node, as this one's regressors see it, so many times as fast or as slow."""
    node: Node = "edge" if profile.node == "device" else "device"
    factor = USUAL_RATIO if node == "device" else 1.0 / USUAL_RATIO
    guessed = with_predicted_segments(replace(profile, node=node), network.graph)
    timings = {
        task_of(row): Timing((1e6 * factor * row.timing.time_s,), (1e6 * factor * row.timing.p95_s,))
        for row in guessed.rows
    }
    return with_timings(guessed, timings)
