"""Which plans are measured: the planner's choices have to stand beside all kinds of others."""

from collections.abc import Iterable

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, RAW, Plan

_INNER_CODECS = ((RAW, FLOAT32), ("webp", "uint8"), ("jpeg", "uint8"))


def plans_to_measure(candidates: CostTable, rates_bps: Iterable[float], round_trip_s: float) -> list[Plan]:
    """Device-only and edge-only of every exit under every codec, and the rivals among inner cuts.

    Of every exit those inner cuts are taken that are its fastest on one of the links, and the one half way,
    each under three pairs of codecs.
    """
    plans = [plan for plan in candidates.plans if plan.partition_point == 0]
    plans += [plan for k, plan in enumerate(candidates.plans) if candidates.edge_only[k]]
    inner = candidates.remote & ~candidates.edge_only
    for number, exit_name in enumerate(candidates.exits):
        of_exit = np.flatnonzero(inner & (candidates.exit_index == number))
        points = {int(candidates.partition_point[of_exit].max()) // 2 or 1}
        for rate_bps in rates_bps:
            latency = candidates.latency_s(Link(round_trip_s, rate_bps, rate_bps))
            points.add(int(candidates.partition_point[of_exit[latency[of_exit].argmin()]]))
        plans += [Plan(exit_name, point, *pair) for point in sorted(points) for pair in _INNER_CODECS]
    known = set(candidates.plans)
    return [plan for plan in dict.fromkeys(plans) if plan in known]
