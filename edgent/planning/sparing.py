"""What is chosen while an edge is busy: of plans as good as the chosen one, that of the least of its time."""

from dataclasses import replace

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray
from edgent.planning.decision import Decision

_REASON = "takes the least of a busy edge's time of all that are as accurate and as surely in time"


def spare_the_edge(
    table: CostTable,
    decision: Decision,
    in_time: FloatArray,
    latency_s: FloatArray,
    ready: BoolArray | None = None,
) -> Decision:
    """The decision, or in its place one that costs nobody anything and leaves the edge less to do.

    Args:
        table: the plans.
        decision: what is chosen on an edge that is not busy.
        in_time: how likely each plan is in time. Shape (n_plans,).
        latency_s: what each plan is expected to take. Shape (n_plans,).
        ready: plans that may be chosen, shape (n_plans,); None: all.
    """
    k = decision.index
    as_good = (in_time >= in_time[k]) & (table.accuracy >= table.accuracy[k])
    among = np.flatnonzero(as_good if ready is None else as_good & ready)
    edge_s = table.in_the_mean.edge_compute_s
    best = int(among[np.lexsort((latency_s[among], edge_s[among]))[0]]) if among.size else k
    if not table.remote[k] or not decision.meets_requirement or edge_s[best] >= edge_s[k]:
        return decision
    return replace(
        decision, plan=table.plans[best], latency_s=float(latency_s[best]), index=best, reason=_REASON
    )
