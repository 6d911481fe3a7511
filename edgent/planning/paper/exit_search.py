"""Algorithm 1 (paper, section IV-B): the deepest exit that answers in time, at its fastest partition point.

`paper_search` is the paper's loop; `exit_search` is the same idea over all plans.
"""

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.situation import ready_latency_s


def exit_search(
    table: CostTable,
    link: Link,
    latency_requirement_s: float,
    *,
    ready: BoolArray | None = None,
) -> Decision:
    """The deepest exit whose fastest plan meets the requirement; the most accurate of equally fast ones.

    A plan counts as the exit given by `CostTable.depth`: a lossy codec that throws a deeper exit's
    accuracy away does not pass for that exit. When nothing meets the requirement, the fastest plan is
    the answer, marked as not meeting it.

    Where plans leave early, one is in time if it is at worst, and the fastest is that in the mean.

    Args:
        table: what there is to choose from.
        link: the measured link.
        latency_requirement_s: seconds from input to answer.
        ready: plans that may be chosen, shape (n_plans,); None: all.

    Raises:
        PlanError: the requirement is not a positive number, or no plan is ready.
    """
    latency = ready_latency_s(table, link, latency_requirement_s, ready)
    in_time = latency <= latency_requirement_s
    if in_time.any():
        depth = int(table.depth[in_time].max())
        allowed = in_time & (table.depth == depth)
        mean = latency if table.mean is None else table.mean.latency_s(link)
        k = _fastest(table, np.where(allowed, mean, np.inf), allowed)
        reason = f"is the fastest of {table.exits[depth]}, the deepest exit that answers in time"
    else:
        k = _fastest(table, latency, ready)
        reason = "is the fastest, as nothing answers in time"
    return Decision(table.plans[k], float(latency[k]), bool(in_time[k]), k, reason)


def paper_search(
    table: CostTable,
    link: Link,
    latency_requirement_s: float,
    *,
    ready: BoolArray | None = None,
) -> Decision | None:
    """Algorithm 1 as printed: for exits M..1 the fastest partition point; the first in time is taken.

    Its loop ends one short of the whole path, so that edge-only is never considered, and its tensors travel
    as floats (`paper_space`). The one liberty: a device-only plan (p = 1 in the
    paper's counting) is not charged for transfers that do not take place.

    Returns:
        The decision, or None (the paper's NULL) when no exit answers in time.

    Raises:
        PlanError: the requirement is not a positive number, or no plan is ready.
    """
    latency = ready_latency_s(table, link, latency_requirement_s, ready)
    latency[~paper_space(table)] = np.inf
    for number in reversed(range(len(table.exits))):
        of_exit = np.flatnonzero(table.exit_index == number)
        k = int(of_exit[latency[of_exit].argmin()])
        if latency[k] <= latency_requirement_s:
            name = table.exits[number]
            reason = f"is the fastest of {name}, the first exit from the deepest that answers in time"
            return Decision(table.plans[k], float(latency[k]), True, k, reason)
    return None


def paper_space(table: CostTable) -> BoolArray:
    """The plans that the paper considers: the input goes up, as floats, no edge-only. Shape (n_plans,).

    A pipeline without the input codec ``float32`` sends ``raw`` pixels in its place.
    """
    space: BoolArray = table.uncompressed & ~table.edge_only & (table.start == 0) & ~table.leaves_early
    return space


def _fastest(table: CostTable, latency: FloatArray, allowed: BoolArray | None) -> int:
    """The allowed plan of least latency; the most accurate, then the first, of equals."""
    equals = latency == latency.min()
    if allowed is not None:
        equals &= allowed
    tied = np.flatnonzero(equals)
    return int(tied[table.accuracy[tied].argmax()])
